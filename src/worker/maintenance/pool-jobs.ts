import type { CancelQueue } from '../../shared/cancel-queue.js';
import type { CancelQueueView } from '../../shared/cancel-queue-view.js';
import type { PoolLedger } from '../../shared/ledger/index.js';
import type { Logger } from '../../shared/logger.js';
import { type PoolJob, poolJobIdOf } from '../../shared/pool-job.js';
import type { PoolQueuer } from '../../shared/pool-queuer.js';

export interface PoolJobsOptions {
  readonly pools: PoolLedger;
  readonly queuer: PoolQueuer;
  readonly queue: Pick<CancelQueue, 'remove'>;
  readonly view: CancelQueueView;
  readonly logger: Logger;
}

const jobsPerRound = 1_000;
const examplesLogged = 5;

/** BullMQ goes by the clock of whichever worker delayed a job; one that is so much overdue was delayed by a wrong clock. */
const overdueMs = 10_000;

/**
 * Finds jobs that the ledger counts on and that the queue has lost (drained, evicted, removed by hand) or delayed for too
 * long, and puts others in their place. It goes through the pools piece by piece.
 */
export class PoolJobs {
  /** Found nowhere in the last round. A single look can fall between two places, so a second one decides. */
  #suspects = new Map<string, PoolJob>();
  #cursor = '0';

  constructor(private readonly options: PoolJobsOptions) {}

  async requeueLost(): Promise<void> {
    const { pools, queuer, queue, view, logger } = this.options;
    const lost = await view.findMissing([...this.#suspects.keys()]);
    const { cursor, jobs } = await pools.queued(this.#cursor, jobsPerRound);
    this.#cursor = cursor;
    const now = await pools.now();
    const byId = new Map(jobs.map((job) => [poolJobIdOf(job), job]));
    const delayed = await view.delayedBeyond(now + overdueMs, jobsPerRound);
    const overdue = delayed.filter((jobId) => (byId.get(jobId)?.dueAtMs ?? Number.POSITIVE_INFINITY) <= now);
    const requeued: string[] = [];
    for (const jobId of new Set([...lost, ...overdue])) {
      const job = this.#suspects.get(jobId) ?? byId.get(jobId);
      if (job !== undefined && (await pools.requeue(job))) requeued.push(jobId);
    }
    if (requeued.length > 0) {
      await queuer.addUnqueued();
      await queue.remove(requeued); // what is left of them
      // One line for all: emptying a queue loses thousands.
      const examples = requeued.slice(0, examplesLogged);
      logger.warn({ jobs: requeued.length, examples }, 'jobs were missing from the queue: added again');
    }
    const missing = await view.findMissing([...byId.keys()]);
    this.#suspects = new Map(
      missing.flatMap((jobId) => {
        const job = byId.get(jobId);
        return job === undefined ? [] : [[jobId, job] as const];
      }),
    );
  }
}
