import type { CancelQueue } from '../../shared/cancel-queue.js';
import type { CancelQueueView } from '../../shared/cancel-queue-view.js';
import { parseJobId } from '../../shared/job-ref.js';
import type { PoolLedger } from '../../shared/ledger/index.js';
import type { Logger } from '../../shared/logger.js';
import { parsePoolJobId } from '../../shared/pool-job.js';
import type { PoolQueuer } from '../../shared/pool-queuer.js';

export interface FailedJobsOptions {
  readonly pools: PoolLedger;
  readonly queuer: PoolQueuer;
  readonly queue: CancelQueue;
  readonly view: CancelQueueView;
  readonly logger: Logger;
}

const jobsPerRound = 200;

/**
 * Jobs that BullMQ gave up without asking the processor. What they stood for still waits in the ledger, so each has another
 * put in its place. A job of anybody else's is left to its owner.
 */
export class FailedJobs {
  constructor(private readonly options: FailedJobsOptions) {}

  async replaceAll(): Promise<void> {
    const { view, queue, pools, queuer, logger } = this.options;
    for (const { jobId, failedReason } of await view.failedJobs(jobsPerRound)) {
      const pool = parsePoolJobId(jobId);
      const part = parseJobId(jobId);
      if (pool !== undefined) await pools.requeue(pool);
      else if (part !== undefined) await pools.joinParts(part.requestId, part.position, part.position + 1);
      else continue;
      logger.error({ jobId, reason: failedReason.slice(0, 500) }, 'BullMQ gave up a job');
      await queuer.addUnqueued();
      await queue.queue.remove(jobId);
    }
  }
}
