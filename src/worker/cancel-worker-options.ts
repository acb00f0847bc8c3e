import type { TatClient } from '../cloud/tat-client.js';
import type { Logger } from '../shared/logger.js';
import type { Tracing } from '../shared/tracing/tracing.js';
import type { WorkerMetrics } from './metrics/worker-metrics.js';
import type { WorkerTimings } from './worker-timings.js';

export interface CancelWorkerOptions {
  readonly redisUrl: string;
  readonly queuePrefix: string;
  readonly client: TatClient;
  /** Where calls for a region enter the cloud: each place has a call limit of its own. */
  readonly accessPointOf: (region: string) => string;
  /** What the worker says of itself; `Endpoint.text`. */
  readonly endpoint?: string;
  readonly callsPerSecond: number;
  readonly concurrency: number;
  readonly callsInFlight: number;
  /** Whether a call for the whole invocation replaces lists that cover it. */
  readonly wholeInvocationCalls: boolean;
  readonly attempts: number;
  readonly callTimeoutMs: number;
  /** Whether accepted instances are read back; false ends every request at accepted. */
  readonly confirm: boolean;
  /** How long finished requests are kept. */
  readonly retentionHours: number;
  /** Signs notifications on finish. */
  readonly webhookSecret?: string;
  /** Signs them, too, while receivers change over to the new one. */
  readonly webhookPreviousSecret?: string;
  /** Whether notifications may go to private addresses. */
  readonly webhookAllowPrivate: boolean;
  readonly logger: Logger;
  readonly workerName: string;
  /** Measures calls, waits and outcomes. */
  readonly metrics?: WorkerMetrics;
  /** Traces jobs and calls. */
  readonly tracing?: Tracing | undefined;
  /** For tests, which do not want to wait a minute for a dead worker's jobs. */
  readonly timings?: Partial<WorkerTimings>;
}
