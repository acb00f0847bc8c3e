import type { BreakerTimings } from './circuit-breaker.js';
import { defaultPatience, type ReadBackPatience } from './read-back-verdicts.js';
import { defaultWebhookPatience, type WebhookPatience } from './webhook/webhook-worker.js';

/** What tests change, which do not want to wait a minute for a dead worker's jobs. */
export interface WorkerTimings {
  /** How long BullMQ believes a silent worker alive, in ms; default 60000. */
  readonly lockMs: number;
  /** How often BullMQ looks for jobs of dead workers, in ms; default 15000. */
  readonly stalledEveryMs: number;
  /** How many calls may be lost with their workers before what they carried is given up; default 10. */
  readonly mostLosses: number;
  readonly reconcileEveryMs: number;
  /** Time on top of a call's deadline before its instances are given to somebody else, in ms; default 5000. */
  readonly leaseMarginMs: number;
  /** When to lose patience with accepted tasks; default 20 s and 120 s. */
  readonly patience: ReadBackPatience;
  /** When to give up on receivers of notifications. */
  readonly webhook: WebhookPatience;
  /** Longest wait of a call for the members of its invocation, in ms; default 150. */
  readonly coverMs: number;
  /** How long a worker may take to read an invocation back before another one does, in ms; default 30000. */
  readonly readBackLeaseMs: number;
  /** How soon the circuit breaker blocks, probes and lets go. */
  readonly breaker: Partial<BreakerTimings>;
}

export const defaultTimings: WorkerTimings = {
  lockMs: 60_000,
  stalledEveryMs: 15_000,
  mostLosses: 10,
  reconcileEveryMs: 3_000,
  leaseMarginMs: 5_000,
  patience: defaultPatience,
  webhook: defaultWebhookPatience,
  coverMs: 150, // a permit keeps for longer, and an answer of the cloud rarely takes so long
  readBackLeaseMs: 30_000,
  breaker: {},
};
