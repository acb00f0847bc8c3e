import { CallBucket } from './call-bucket.js';
import { currentEpochMs, type ForeignClient } from './foreign-client.js';

/** Calls per second for every action, or by action; 0 means no limit. */
export type CallLimits = number | Readonly<Record<string, number>>;

const documentedLimit = 20;

/**
 * All buckets of this access endpoint, one for each action and sub-account. The region a call names does not matter,
 * just as in the cloud, where the endpoint's own region decides.
 */
export class CallBuckets {
  readonly #buckets = new Map<string, CallBucket>();

  constructor(private limits: CallLimits = documentedLimit) {}

  of(action: string, uin: string): CallBucket {
    const key = `${action} ${uin}`;
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = new CallBucket(this.#limitOf(action));
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }

  /** New limits, from the next call on. */
  setLimits(limits: CallLimits): void {
    this.limits = limits;
    for (const [key, bucket] of this.#buckets) bucket.limit = this.#limitOf(key.split(' ')[0] ?? '');
  }

  startForeignClient(action: string, uin: string, callsPerSecond: number): ForeignClient {
    return this.of(action, uin).addForeignClient(callsPerSecond, currentEpochMs());
  }

  #limitOf(action: string): number {
    return typeof this.limits === 'number' ? this.limits : (this.limits[action] ?? documentedLimit);
  }
}
