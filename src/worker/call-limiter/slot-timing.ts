import { RecentValues } from './recent-values.js';
import { type ClockReading, ServerClock } from './server-clock.js';
import { latenessToleranceMs } from './slot-spacing.js';

/** Answers this much later than usual still arrive in time for a slot that is due at once. */
const harmlessDelayMs = 10;
const mostLeadMs = 500;

/** Fewer measurements say nothing about a process. */
const leastLatenesses = 10;

/** How much later than usual a slot may be used, in ms: none if it can be helped. */
const graces = [0, 25, 50, 100, 200] as const;

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
   * each of them. More distance means fewer slots, and more time means fewer that are lost: the choice is what gets
   * most calls through. That is zero unless the process is so slow that it would get next to nothing.
   */
  graceMs(spacingMs: number): number {
    if (this.#lateness.size < leastLatenesses) return 0;
    const calls = (graceMs: number) =>
      this.#lateness.shareUpTo(latenessToleranceMs + graceMs) / (spacingMs + graceMs);
    return graces.reduce<number>((best, grace) => (calls(grace) > calls(best) ? grace : best), 0);
  }
}
