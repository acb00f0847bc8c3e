import type { CallSlot } from './call-limiter.js';
import { latenessToleranceMs } from './slot-spacing.js';
import type { Ticket } from './ticket.js';

/** What a slot needs to know of the connection that it was reserved over. */
export interface TicketOrigin {
  readonly lost: AbortSignal;
  readonly timing: { readonly epoch: number };
}

/**
 * A slot is late when either clock says so: the monotonic one stands still while a machine is suspended, and the
 * wall clock may be set back.
 */
export class TicketSlot implements CallSlot {
  constructor(
    private readonly ticket: Ticket,
    private readonly origin: TicketOrigin,
  ) {}

  /** How long ago the slot was due, in ms. */
  get latenessMs(): number {
    return Math.max(performance.now() - this.ticket.dueAt, Date.now() - this.ticket.dueAtByWall);
  }

  isUsable(): boolean {
    const { lost, timing } = this.origin;
    if (lost.aborted || timing.epoch !== this.ticket.epoch) return false;
    return this.latenessMs <= latenessToleranceMs + this.ticket.graceMs;
  }
}
