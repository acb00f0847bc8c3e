import type { CancelQueue } from '../shared/cancel-queue.js';
import type { CancelQueueView } from '../shared/cancel-queue-view.js';
import { parseJobId } from '../shared/job-ref.js';
import type { JobReader } from '../shared/ledger/index.js';
import type { Logger } from '../shared/logger.js';

export interface OversleptJobsOptions {
  readonly jobReader: JobReader;
  readonly queue: CancelQueue;
  readonly view: CancelQueueView;
  readonly logger: Logger;
}

/** Waits that are not back-offs are shorter. */
const longestOtherWaitMs = 10_000;
const jobsPerRound = 200;

/**
 * BullMQ lets a job wait until a moment by the clock of whichever worker put it off. A worker whose clock is an hour ahead
 * would put its jobs off by an hour; the ledger knows by the clock of Redis when each is due.
 */
export class OversleptJobs {
  constructor(private readonly options: OversleptJobsOptions) {}

  async wakeSome(): Promise<void> {
    const { view, jobReader, queue, logger } = this.options;
    const now = await jobReader.now();
    const late = await view.delayedBeyond(now + longestOtherWaitMs, jobsPerRound);
    const woken = await Promise.all(
      late.map(async (jobId) => {
        const ref = parseJobId(jobId);
        if (ref !== undefined && (await jobReader.notBefore(ref)) > now) return false;
        return await queue.promote(jobId).then(
          () => true,
          (error: unknown) => {
            logger.debug({ err: error, jobId }, 'a job that had overslept woke by itself');
            return false;
          },
        );
      }),
    );
    const jobs = woken.filter(Boolean).length;
    if (jobs > 0) logger.warn({ jobs }, 'jobs were put off for longer than they are to wait: woken');
  }
}
