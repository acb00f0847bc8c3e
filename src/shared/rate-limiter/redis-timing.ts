import { RecentValues } from './recent-values.js';
import { type ClockReading, ServerClock } from './server-clock.js';
import { toleranceMs } from './window.js';

/** Answers this much later than their permit is due do no harm: most of the tolerance is left. */
const harmlessDelayMs = toleranceMs / 5;
const mostLeadMs = 250;

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
   * How far ahead of the server's time a permit must lie, in ms, so that nearly every answer arrives before the
   * permit is too old. Zero unless Redis is very far.
   */
  get leadMs(): number {
    const usual = this.#returns.quantile(0.95);
    return Math.min(Math.max(Math.ceil(usual - harmlessDelayMs), 0), mostLeadMs);
  }

  /**
   * How many permits a process should have under way while there is demand: as many as fall into the time that a
   * reservation takes, and twice that, since permits come faster where the window has room.
   */
  permitsUnderWay(intervalMs: number): number {
    return 1 + Math.ceil((2 * this.#reservations.quantile(0.75)) / intervalMs);
  }
}
