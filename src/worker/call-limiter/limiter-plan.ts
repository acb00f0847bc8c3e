import { createHash } from 'node:crypto';
import { spacingFor } from './slot-spacing.js';

/** Raised when the layout or meaning of the state in Redis changes: old and new processes then keep apart. */
const stateVersion = 'v1';

/** The least reach of reservations, in ms. */
const leastHorizonMs = 1_000;

/** What all processes on one bucket agree on. */
export interface LimiterPlan {
  /** Bottleneck's id; its keys start with `b_` and the id. */
  readonly id: string;
  /** hash: Bottleneck's settings and the schedule. */
  readonly settingsKey: string;
  /** hash: how far refusals have slowed everybody down. */
  readonly paceKey: string;
  /** The gap between slots at full rate, in ms. */
  readonly spacingMs: number;
  /** No slot is granted further ahead than this, in ms. */
  readonly horizonMs: number;
  /** How far ahead the first slot lies when the state was lost, in ms: beyond every slot granted before. */
  readonly coolDownMs: number;
}

/**
 * The rate is not part of the id: processes with different settings (a rolling change) share one schedule, and each
 * keeps its own distance in it. The bucket is hashed: it names a credential, and key names turn up in logs and dumps.
 */
export function planLimiter(keyPrefix: string, bucket: string, callsPerSecond: number): LimiterPlan {
  if (!/\{[^}]+\}/.test(keyPrefix)) {
    throw new RangeError(`keyPrefix must contain a hash tag such as {tat-cancel}, not ${keyPrefix}`);
  }
  const spacingMs = spacingFor(callsPerSecond);
  const horizonMs = Math.max(leastHorizonMs, 2 * spacingMs);
  const hash = createHash('sha256').update(bucket).digest('hex').slice(0, 16);
  const id = `${keyPrefix}:call-limit:${hash}:${stateVersion}`;
  return {
    id,
    settingsKey: `b_${id}_settings`,
    paceKey: `b_${id}_pace`,
    spacingMs,
    horizonMs,
    coolDownMs: horizonMs + spacingMs,
  };
}
