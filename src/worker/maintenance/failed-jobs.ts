import { randomUUID } from 'node:crypto';
import type { CancelQueue } from '../../shared/cancel-queue.js';
import type { CancelQueueView } from '../../shared/cancel-queue-view.js';
import { parseJobId } from '../../shared/job-ref.js';
import type { Ledger, LedgerMove, PoolLedger } from '../../shared/ledger/index.js';
import type { Logger } from '../../shared/logger.js';
import { type Pool, parsePoolJobId } from '../../shared/pool-job.js';
import type { PoolQueuer } from '../../shared/pool-queuer.js';

export interface FailedJobsOptions {
  readonly ledger: Ledger;
  readonly pools: PoolLedger;
  readonly queuer: PoolQueuer;
  readonly queue: CancelQueue;
  readonly view: CancelQueueView;
  readonly logger: Logger;
  readonly workerName: string;
  /** After this time nothing is held any more by the worker that died last. */
  readonly leaseMs: number;
}

const jobsPerRound = 200;
const partsAtATime = 100;
const stalledTooOften = {
  code: 'StalledTooOften',
  message: 'Its workers died or froze too often while they held it.',
};

/** Deals with jobs that BullMQ gave up without asking the processor: those whose workers died too often, above all. */
export class FailedJobs {
  /** When each was found. */
  readonly #foundAt = new Map<string, number>();

  constructor(private readonly options: FailedJobsOptions) {}

  async dealWithAll(): Promise<void> {
    const { view, logger } = this.options;
    const failed = await view.failedJobs(jobsPerRound);
    for (const { jobId, failedReason } of failed) {
      if (!this.#foundAt.has(jobId)) {
        this.#foundAt.set(jobId, performance.now());
        logger.error({ jobId, reason: failedReason.slice(0, 500) }, 'BullMQ gave up a job');
      }
      await this.#dealWith(jobId, failedReason.includes('stalled more than allowable limit'));
    }
    const ids = new Set(failed.map(({ jobId }) => jobId));
    for (const jobId of this.#foundAt.keys()) if (!ids.has(jobId)) this.#foundAt.delete(jobId);
  }

  /** A job of anybody else's is left to its owner. */
  async #dealWith(jobId: string, isStalled: boolean): Promise<void> {
    const { queue, pools, queuer, leaseMs } = this.options;
    const pool = parsePoolJobId(jobId);
    const part = parseJobId(jobId);
    if (pool !== undefined) {
      if (isStalled) {
        // What the last worker took along comes back first. Else it would be taken up again, and kill the next one.
        if (performance.now() - (this.#foundAt.get(jobId) ?? 0) < leaseMs) return;
        await this.#deadLetter(pool);
      }
      await pools.requeue(pool);
    } else if (part !== undefined) {
      await pools.joinParts(part.requestId, part.position, part.position + 1);
    } else {
      return;
    }
    await queuer.addUnqueued();
    await queue.queue.remove(jobId);
  }

  async #deadLetter(pool: Pool): Promise<void> {
    const { ledger, pools, workerName } = this.options;
    for (;;) {
      const refs = await pools.parts(pool, partsAtATime);
      const attempt = { at: Date.now(), worker: workerName, ...stalledTooOften };
      const moves = refs.map((ref): LedgerMove => {
        const letter = { requestId: ref.slice(0, ref.lastIndexOf('.')), jobId: ref, ...stalledTooOften };
        const letterId = `${ref}.${randomUUID().slice(0, 8)}`;
        return { kind: 'bury', ref, mask: 'd', only: 'w', attempt, letterId, letter };
      });
      const { jobs } = await ledger.settle({ landed: true, leaseMs: 0, calls: 0, sentAt: 0, moves });
      if (refs.length < partsAtATime || jobs.every(({ moved }) => moved === 0)) return;
    }
  }
}
