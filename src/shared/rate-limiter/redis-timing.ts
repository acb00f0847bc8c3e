import { RecentValues } from './recent-values.js';
import { type ClockReading, ServerClock } from './server-clock.js';
import { horizonMs, toleranceMs } from './window.js';

/** Answers this much later than their permit is due do no harm: most of the tolerance is left. */
const harmlessDelayMs = toleranceMs / 8;
const mostLeadMs = 0.8 * horizonMs;

/** What one connection has learned of the way to Redis: its clock, and how long answers take. */
export class RedisTiming {
  readonly #clock = new ServerClock();
  readonly #returns = new RecentValues(100);
  readonly #reservations = new RecentValues(100);
  #lastServerTime = 0;

  /** False if the reading contradicts the earlier ones: one of the clocks jumped, and nothing timed before is right. */
  note(reading: ClockReading): boolean {
    if (!this.#clock.add(reading)) return false;
    this.#lastServerTime = reading.serverTime;
    this.#returns.add(reading.receivedAt - this.#clock.toLocal(reading.serverTime));
    return true;
  }

  /** Takes in how long a reservation took, from asking to the answer. */
  noteReservation(tookMs: number): void {
    this.#reservations.add(tookMs);
  }

  /** The last time that the server's clock showed, as far as it was plausible. */
  get lastServerTime(): number {
    return this.#lastServerTime;
  }

  toLocal(serverTime: number): number {
    return this.#clock.toLocal(serverTime);
  }

  toServer(localTime: number): number {
    return this.#clock.toServer(localTime);
  }

  get uncertaintyMs(): number {
    return this.#clock.uncertaintyMs;
  }

  /**
   * How far ahead of the server's time a permit must lie, in ms, so that nearly every call is ready before its permit is
   * too old: `aheadMs` is what getting ready takes. Zero unless Redis is very far, or this process slow.
   */
  leadMs(aheadMs: number): number {
    const usual = this.#returns.quantile(0.95) + aheadMs;
    return Math.min(Math.max(Math.ceil(usual - harmlessDelayMs), 0), mostLeadMs);
  }

  /**
   * How many permits a process should have under way while there is demand: as many as fall into the time that a
   * reservation and getting ready take, and twice that, since permits come faster where the window has room.
   */
  permitsUnderWay(intervalMs: number, aheadMs: number): number {
    return 1 + Math.ceil((2 * (this.#reservations.quantile(0.75) + aheadMs)) / intervalMs);
  }
}
