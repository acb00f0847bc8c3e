import { Ledger, type LedgerReport, type SettledJob } from '../../shared/ledger/index.js';
import type { RedisClient } from '../../shared/redis-connection.js';
import type { WorkerMetrics } from './worker-metrics.js';

/** The ledger, with everything that it takes down counted. */
export class ObservedLedger extends Ledger {
  constructor(
    client: RedisClient,
    prefix: string,
    private readonly metrics: WorkerMetrics,
  ) {
    super(client, prefix);
  }

  override async settle(report: LedgerReport): Promise<{ claimWasOpen: boolean; jobs: SettledJob[] }> {
    const result = await super.settle(report);
    this.metrics.noteSettled(report, result.jobs);
    return result;
  }
}
