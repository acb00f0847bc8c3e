import type { CallSlot } from './call-limiter.js';
import type { LimiterSession } from './limiter-session.js';
import { latenessToleranceMs } from './slot-spacing.js';
import type { Ticket } from './ticket.js';

/**
 * A slot is late when either clock says so: the monotonic one stands still while a machine is suspended, and the
 * wall clock may be set back.
 */
export class TicketSlot implements CallSlot {
  readonly #dueAtByWall: number;

  constructor(
    private readonly ticket: Ticket,
    private readonly session: LimiterSession,
  ) {
    this.#dueAtByWall = Date.now() - (performance.now() - ticket.dueAt);
  }

  /** How long ago the slot was due, in ms. */
  get latenessMs(): number {
    return Math.max(performance.now() - this.ticket.dueAt, Date.now() - this.#dueAtByWall);
  }

  isUsable(): boolean {
    if (this.session.lost.aborted || this.session.timing.epoch !== this.ticket.epoch) return false;
    return this.latenessMs <= latenessToleranceMs + this.ticket.graceMs;
  }
}
