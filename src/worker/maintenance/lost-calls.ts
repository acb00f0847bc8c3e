import { createFailure } from '../../shared/failure-table.js';
import type { Ledger, LostPart } from '../../shared/ledger/index.js';
import type { Logger } from '../../shared/logger.js';
import type { PoolQueuer } from '../../shared/pool-queuer.js';
import { attemptRecord, buryMove } from '../flight-moves.js';

export interface LostCallsOptions {
  readonly ledger: Ledger;
  readonly queuer: PoolQueuer;
  readonly logger: Logger;
  readonly workerName: string;
  /** A part that was lost more often than this is given up. */
  readonly mostLosses: number;
}

const callsPerRound = 200;
const gaveUp = createFailure(
  'StalledTooOften',
  'The workers that were sending its cancel died or froze too often.',
);

/**
 * Calls without news: their worker died, or stood still for too long. What they carried waits again, but not for ever: what
 * kills every worker that sends it must not kill the next one.
 */
export class LostCalls {
  constructor(private readonly options: LostCallsOptions) {}

  async release(): Promise<void> {
    const { ledger, queuer, logger, mostLosses } = this.options;
    const lost = await ledger.releaseOverdue(callsPerRound);
    if (lost.length === 0) return;
    await this.#giveUp(lost.filter(({ losses }) => losses > mostLosses));
    await queuer.addUnqueued();
    logger.warn({ parts: lost.length }, 'calls without news: their instances wait again');
  }

  async #giveUp(parts: readonly LostPart[]): Promise<void> {
    if (parts.length === 0) return;
    const { ledger, logger, workerName } = this.options;
    const attempt = attemptRecord(gaveUp, workerName, Date.now());
    const moves = parts.map(({ ref }) => ({
      ...buryMove({ ref, mask: 'd' }, gaveUp, attempt),
      only: 'w',
    }));
    await ledger.settle({ landed: true, leaseMs: 0, calls: 0, sentAt: 0, moves });
    logger.error({ parts: parts.map(({ ref }) => ref) }, 'given up: every worker that sends it dies');
  }
}
