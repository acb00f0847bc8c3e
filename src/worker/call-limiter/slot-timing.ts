import { RecentValues } from './recent-values.js';
import { type ClockReading, ServerClock } from './server-clock.js';

/** Answers this much later than usual still arrive in time for a slot that is due at once. */
const harmlessDelayMs = 10;
const mostLeadMs = 500;

/** Half of the slots coming later than this means that too many are lost, in ms. */
const bearableLatenessMs = 20;
const mostGraceMs = 200;

/** What one connection has learned of the way to Redis: its clock, and how long answers take. */
export class SlotTiming {
  #clock = new ServerClock();
  readonly #returns = new RecentValues(100);
  readonly #reservations = new RecentValues(100);
  readonly #lateness = new RecentValues(40);
  #epoch = 0;

  note(reading: ClockReading): void {
    if (!this.#clock.add(reading)) this.#epoch++;
    this.#returns.add(reading.receivedAt - this.#clock.toLocal(reading.serverTime));
  }

  /** Takes in how long a reservation took, from asking to the answer. */
  noteReservation(tookMs: number): void {
    this.#reservations.add(tookMs);
  }

  /** Takes in how late a slot reached its taker. */
  noteLateness(lateMs: number): void {
    this.#lateness.add(lateMs);
  }

  /** Moves on when a clock jumped: slots of an earlier epoch are timed wrongly. */
  get epoch(): number {
    return this.#epoch;
  }

  toLocal(serverTime: number): number {
    return this.#clock.toLocal(serverTime);
  }

  get uncertaintyMs(): number {
    return this.#clock.uncertaintyMs;
  }

  /**
   * How far ahead of the server's time a slot must lie, in ms, so that nearly every answer arrives before its slot
   * is due. Zero on a quick network; it costs latency only while nobody else waits.
   */
  get leadMs(): number {
    const usual = this.#returns.quantile(0.95);
    return Math.min(Math.max(Math.ceil(usual - harmlessDelayMs), 0), mostLeadMs);
  }

  /** What all but few reservations stay below, in ms. */
  get reservationMs(): number {
    return this.#reservations.quantile(0.95);
  }

  /**
   * How much later than usual this process may use its slots, in ms, for which it keeps so much more distance behind
   * each of them. Zero unless the process is so slow (a busy machine, a blocked event loop) that it would get nothing.
   */
  get graceMs(): number {
    if (this.#lateness.quantile(0.5) <= bearableLatenessMs) return 0;
    return Math.min(Math.ceil(this.#lateness.quantile(0.75)), mostGraceMs);
  }
}
