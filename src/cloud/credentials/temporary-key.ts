import type { Clock } from '../../shared/clock.js';
import type { Credential } from '../credentials.js';

/** A key with an end, as a metadata server or STS gives it. */
export interface FetchedKey {
  readonly credential: Credential;
  readonly expiresAtMs: number;
}

export interface TemporaryKeyOptions {
  /** Fetches a new key from its origin; rejects with the reason when there is none. Called by one caller at a time. */
  readonly fetch: (signal: AbortSignal) => Promise<FetchedKey>;
  readonly clock: Clock;
  /** A fetch that takes longer has failed. */
  readonly timeoutMs: number;
}

interface HeldKey extends FetchedKey {
  /** From then on a successor is fetched. */
  renewAtMs: number;
}

const longestLeadMs = 10 * 60_000;
const leadShare = 0.2;
/** A key this close to its end may expire on its way to the cloud. */
const safetyMs = 30_000;
/** Between two fetches, whatever the clocks say: a key that seems to be born expired must not cause a storm. */
const leastPauseMs = 5_000;

/**
 * Holds a temporary key and renews it ahead of its end: 10 minutes before, or a fifth of its life if that is less.
 * While the old key still serves, callers get it at once and the new one is fetched behind their back. Callers that
 * must wait share one fetch. A failure is told to those who waited and then forgotten.
 */
export class TemporaryKey {
  #held: HeldKey | undefined;
  #fetching: Promise<HeldKey> | undefined;

  constructor(private readonly options: TemporaryKeyOptions) {}

  /** Rejects with the reason of the fetch when no key is held and none can be fetched. */
  async get(): Promise<Credential> {
    const held = this.#held;
    if (held === undefined) return (await this.#renew()).credential;
    const nowMs = this.options.clock.now();
    if (nowMs < held.renewAtMs) return held.credential;
    const renewal = this.#renew();
    if (nowMs < held.expiresAtMs - safetyMs) {
      renewal.catch(() => {}); // the pause before the next try is set where the fetch failed
      return held.credential;
    }
    return (await renewal).credential;
  }

  /** Drops the key that the cloud refused, unless it has been replaced in the meantime. */
  forget(refused?: Credential): void {
    if (refused === undefined || this.#held?.credential === refused) this.#held = undefined;
  }

  #renew(): Promise<HeldKey> {
    this.#fetching ??= this.#fetchInTime().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetchInTime(): Promise<HeldKey> {
    const { clock, fetch, timeoutMs } = this.options;
    const settled = new AbortController();
    const tooLate = new AbortController();
    const timeout = clock.sleep(timeoutMs, settled.signal).then(() => {
      const reason = new Error(`no answer within ${timeoutMs} ms`);
      tooLate.abort(reason);
      throw reason;
    });
    try {
      const fetched = await Promise.race([fetch(tooLate.signal), timeout]);
      this.#held = { ...fetched, renewAtMs: this.#renewalTime(fetched.expiresAtMs) };
      return this.#held;
    } catch (error) {
      if (this.#held !== undefined) this.#held.renewAtMs = clock.now() + leastPauseMs;
      throw error;
    } finally {
      settled.abort();
      timeout.catch(() => {}); // ended with the fetch, or told by the race
    }
  }

  #renewalTime(expiresAtMs: number): number {
    const nowMs = this.options.clock.now();
    const lead = Math.min(longestLeadMs, (expiresAtMs - nowMs) * leadShare);
    return Math.max(expiresAtMs - lead, nowMs + leastPauseMs);
  }
}
