import { Job } from 'bullmq';
import { bullPriority, type CancelQueue } from '../shared/cancel-queue.js';
import type { Logger } from '../shared/logger.js';

/** What others get of each round while urgent work fills the queue: about a tenth and a twentieth of the calls. */
const shares = [
  { priority: bullPriority.normal, jobsPerRound: 6 },
  { priority: bullPriority.low, jobsPerRound: 3 },
] as const;

/**
 * BullMQ takes a normal job only when no urgent one waits, so a steady stream of urgent requests would starve the
 * others for ever. While urgent jobs wait, this moves a few of the oldest others to the front, again and again.
 */
export class FairShares {
  constructor(
    private readonly queue: CancelQueue,
    private readonly logger: Logger,
  ) {}

  /** Call it every few seconds, one process at a time. */
  async moveSome(): Promise<void> {
    const { urgent, normal, low } = bullPriority;
    const counts = await this.queue.queue.getCountsPerPriority([urgent, normal, low]);
    let ahead = counts[urgent] ?? 0;
    if (ahead === 0) return;
    for (const { priority, jobsPerRound } of shares) {
      const waiting = counts[priority] ?? 0;
      const jobIds = await this.queue.waitingJobIds(ahead, Math.min(waiting, jobsPerRound));
      for (const jobId of jobIds) await this.#toTheFront(jobId);
      // Each job that was moved now stands ahead of the next class as before: nothing to subtract.
      ahead += waiting;
    }
  }

  async #toTheFront(jobId: string): Promise<void> {
    try {
      const job = await Job.fromId(this.queue.queue, jobId);
      await job?.changePriority({ priority: bullPriority.urgent, lifo: true });
    } catch (error) {
      // Taken meanwhile, or damaged: the worker that takes it deals with that.
      this.logger.debug({ err: error, jobId }, 'job could not be moved to the front');
    }
  }
}
