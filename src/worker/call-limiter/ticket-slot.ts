import type { CallSlot } from './call-limiter.js';
import { latenessToleranceMs } from './slot-spacing.js';
import type { Ticket } from './ticket.js';

/** What a slot needs to know of the connection that it was reserved over. */
export interface TicketOrigin {
  readonly lost: AbortSignal;
  readonly timing: { readonly epoch: number; noteLateness(lateMs: number): void };
  /** Puts the schedule off, as a call left so much too late. */
  postpone(ticket: Ticket, tooLateMs: number): void;
}

/**
 * A slot is late when either clock says so: the monotonic one stands still while a machine is suspended, and the
 * wall clock may be set back.
 */
export class TicketSlot implements CallSlot {
  #isSent = false;
  #isNoted = false;

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
    return this.#tooLateMs <= 0;
  }

  mayLeave(): boolean {
    this.noteLateness();
    return this.isUsable();
  }

  noteSent(): void {
    if (this.#isSent) return;
    this.#isSent = true;
    const tooLateMs = this.#tooLateMs;
    if (tooLateMs > 0) this.origin.postpone(this.ticket, tooLateMs);
  }

  /**
   * Once for each slot: when its call is about to leave, or it comes too late to be handed out. What a taker did in
   * between, such as a long way to Redis, says nothing about how slow the process is.
   */
  noteLateness(): void {
    if (this.#isNoted) return;
    this.#isNoted = true;
    this.origin.timing.noteLateness(this.latenessMs);
  }

  get #tooLateMs(): number {
    return this.latenessMs - latenessToleranceMs - this.ticket.graceMs;
  }
}
