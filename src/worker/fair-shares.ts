import { Job } from 'bullmq';
import { bullPriority, type CancelQueue } from '../shared/cancel-queue.js';
import type { CancelQueueView } from '../shared/cancel-queue-view.js';
import type { Logger } from '../shared/logger.js';

/** How many jobs of each class may be under way at a time while higher ones fill the queue. */
const shares = [
  { priority: bullPriority.normal, jobs: 6 },
  { priority: bullPriority.low, jobs: 3 },
] as const;

/**
 * BullMQ takes a job only when none of a higher priority waits, so a steady stream of urgent or normal requests would
 * starve the rest for ever. While such jobs wait, this moves a few of the oldest others to the front, and more of them
 * only when those are done: moved at a fixed pace, they would crowd the urgent ones out wherever calls are slow.
 */
export class FairShares {
  /** Ids of jobs that were moved and are not done yet, by priority. */
  readonly #moved = new Map<number, string[]>();

  constructor(
    private readonly queue: CancelQueue,
    private readonly view: CancelQueueView,
    private readonly logger: Logger,
  ) {}

  /** Call it every few seconds, one process at a time. */
  async moveSome(): Promise<void> {
    const { urgent, normal, low } = bullPriority;
    const counts = await this.queue.queue.getCountsPerPriority([urgent, normal, low]);
    let ahead = counts[urgent] ?? 0;
    for (const { priority, jobs } of shares) {
      const waiting = counts[priority] ?? 0;
      if (ahead === 0 || waiting === 0) {
        ahead += waiting;
        continue;
      }
      const moved = await this.#notDone(priority);
      const jobIds = await this.queue.waitingJobIds(ahead, Math.min(waiting, jobs - moved.length));
      for (const jobId of jobIds) await this.#toTheFront(jobId);
      this.#moved.set(priority, [...moved, ...jobIds]);
      // Each job that was moved now stands ahead of the next class as before: nothing to subtract.
      ahead += waiting;
    }
  }

  async #notDone(priority: number): Promise<string[]> {
    const moved = this.#moved.get(priority) ?? [];
    const done = new Set(await this.view.findMissing(moved));
    return moved.filter((jobId) => !done.has(jobId));
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
