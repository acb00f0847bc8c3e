import { createHash } from 'node:crypto';
import { redisKeys } from '../redis-keys.js';
import { intervalFor, mostOutstanding } from './window.js';

/** Raised when the layout or meaning of the state in Redis changes. */
const stateVersion = 'v2';
/** The version that 0.1.0 keeps. Its permits are not in the log, so it must not be in use at the same time. */
const versionBefore = 'v1';

/** What all processes on one bucket agree on. */
export interface LimiterPlan {
  /** Bottleneck's id; its keys start with `b_` and the id. */
  readonly id: string;
  /** hash: Bottleneck's settings, and when the last permit was placed. */
  readonly settingsKey: string;
  /** zset: permit id by the time (ms) at which its call left. */
  readonly logKey: string;
  /** string: id of the server process that the log was kept by. */
  readonly serverKey: string;
  /** hash: how far throttled calls have slowed all processes down. */
  readonly shareKey: string;
  /** hash: the live limit, of all buckets. */
  readonly limitKey: string;
  /** zset: limiters of 0.1.0 on this bucket by the time (ms) when they were last heard of. */
  readonly clientsBeforeKey: string;
  readonly callsPerSecond: number;
  /** The gap between permits at full rate, in ms. */
  readonly intervalMs: number;
  /** Most permits at a time whose calls are not known to have left, over all processes. */
  readonly mostOutstanding: number;
}

/**
 * The rate is not part of the id: processes with different settings (a rolling change) share one log, and each keeps
 * its own limit in it. The bucket is hashed: it names a credential, and key names turn up in logs and dumps.
 */
export function planLimiter(keyPrefix: string, bucket: string, callsPerSecond: number): LimiterPlan {
  if (!/\{[^}]+\}/.test(keyPrefix)) {
    throw new RangeError(`keyPrefix must contain a hash tag such as {tat-cancel}, not ${keyPrefix}`);
  }
  const hash = createHash('sha256').update(bucket).digest('hex').slice(0, 16);
  const idOf = (version: string) => `${keyPrefix}:call-limit:${hash}:${version}`;
  const id = idOf(stateVersion);
  return {
    id,
    settingsKey: `b_${id}_settings`,
    logKey: `b_${id}_log`,
    serverKey: `b_${id}_server`,
    shareKey: `b_${id}_share`,
    limitKey: redisKeys(keyPrefix).liveLimit,
    clientsBeforeKey: `b_${idOf(versionBefore)}_client_last_seen`,
    callsPerSecond,
    intervalMs: intervalFor(callsPerSecond),
    mostOutstanding: mostOutstanding(callsPerSecond),
  };
}
