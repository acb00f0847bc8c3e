import type { CancelQueue } from './cancel-queue.js';
import type { PoolLedger } from './ledger/index.js';
import type { PoolJob } from './pool-job.js';

const jobsPerStep = 500;

/** Puts jobs into the queue for pools that have none. Every step may be repeated, by whoever finds it undone. */
export class PoolQueuer {
  constructor(
    private readonly pools: Pick<PoolLedger, 'unqueued' | 'markQueued' | 'now'>,
    private readonly queue: Pick<CancelQueue, 'add'>,
  ) {}

  /** Jobs that are due at once. */
  async add(jobs: readonly PoolJob[]): Promise<void> {
    await this.queue.add(jobs);
    await this.pools.markQueued(jobs);
  }

  /** All that the ledger asked for since. Returns how many. */
  async addUnqueued(): Promise<number> {
    for (let added = 0; ; ) {
      const jobs = await this.pools.unqueued(jobsPerStep);
      if (jobs.length === 0) return added;
      await this.queue.add(jobs, await this.pools.now());
      await this.pools.markQueued(jobs);
      added += jobs.length;
      if (jobs.length < jobsPerStep) return added;
    }
  }
}
