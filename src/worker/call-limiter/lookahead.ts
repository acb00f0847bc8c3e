import type { Ticket } from './ticket.js';

const mostLanes = 16;

/**
 * How many slots one process reserves ahead. As few as possible: a slot held by a process that dies is lost, and
 * waiting slots delay others. But with a slow Redis one at a time is not enough: the schedule would stand still while
 * a reservation is under way. So one more whenever that is seen to happen, and one less when slots wait for long.
 */
export class Lookahead {
  #lanes = 1;

  get lanes(): number {
    return this.#lanes;
  }

  /** Takes in a ticket that was reserved while others waited for theirs. */
  note(ticket: Ticket, reservationMs: number, leadMs: number): void {
    const needed = leadMs + reservationMs;
    if (ticket.idleMs > 1) this.#lanes = Math.min(this.#lanes + 1, mostLanes);
    else if (ticket.aheadMs > needed + 4 * ticket.spacingMs) this.#lanes = Math.max(this.#lanes - 1, 1);
  }
}
