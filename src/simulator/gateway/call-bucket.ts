import { ForeignClient } from './foreign-client.js';

export interface Draw {
  readonly admitted: boolean;
  /** Calls of the current second, this one included. */
  readonly calls: number;
  readonly limit: number;
}

/**
 * The call limit of one action for one sub-account: in every second of the wall clock the first N calls pass, the rest
 * are refused. This is why bursts of almost 2 N can pass within one sliding second, as with the real API.
 */
export class CallBucket {
  readonly #foreignClients = new Set<ForeignClient>();
  #second = Number.NEGATIVE_INFINITY;
  #calls = 0;

  /** A limit of 0 means none. */
  constructor(public limit: number) {}

  /** Takes from the bucket at a moment in epoch milliseconds. Moments must not go back by more than jitter. */
  draw(atMs: number): Draw {
    this.#drawForeign(atMs);
    return this.#drawOne(atMs);
  }

  /** Somebody else begins to draw on this bucket. */
  addForeignClient(callsPerSecond: number, atMs: number): ForeignClient {
    const client = new ForeignClient(callsPerSecond, atMs, (nowMs) => this.#drawForeign(nowMs));
    this.#foreignClients.add(client);
    return client;
  }

  // Foreign calls need no timer: those that are due by now are drawn, in order, before anything else is.
  #drawForeign(atMs: number): void {
    for (;;) {
      const next = this.#earliestForeign();
      if (next === undefined || next.nextDueMs > atMs) return;
      next.take(this.#drawOne(next.nextDueMs).admitted);
    }
  }

  #earliestForeign(): ForeignClient | undefined {
    let earliest: ForeignClient | undefined;
    for (const client of this.#foreignClients) {
      if (client.nextDueMs === Number.POSITIVE_INFINITY) this.#foreignClients.delete(client);
      else if (earliest === undefined || client.nextDueMs < earliest.nextDueMs) earliest = client;
    }
    return earliest;
  }

  #drawOne(atMs: number): Draw {
    const second = Math.floor(atMs / 1000);
    if (second > this.#second) {
      this.#second = second;
      this.#calls = 0;
    }
    this.#calls += 1;
    return {
      admitted: this.limit === 0 || this.#calls <= this.limit,
      calls: this.#calls,
      limit: this.limit,
    };
  }
}
