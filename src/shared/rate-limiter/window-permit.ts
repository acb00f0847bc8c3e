import { setTimeout as sleep } from 'node:timers/promises';
import type { Placement } from './placement.js';
import type { Permit } from './rate-limiter.js';
import { toleranceMs } from './window.js';

/** What a permit needs of the limiter. */
export interface PermitOrigin {
  /** Aborts when the connection is lost that the permit was placed over. */
  readonly lost: AbortSignal;
  /** The call has left, at this time by the monotonic clock. */
  noteSent(placement: Placement, sentAt: number): void;
  giveBack(placement: Placement): void;
  /** How long it took from handing out to being ready to leave, in ms. */
  noteReady(tookMs: number): void;
}

/** Timers fire up to so much early, in ms. */
const earlyMs = 1;

export class WindowPermit implements Permit {
  #handedOutAt: number | undefined;
  #state: 'unused' | 'leaving' | 'sent' | 'given back' = 'unused';

  constructor(
    private readonly placement: Placement,
    private readonly origin: PermitOrigin,
  ) {}

  /**
   * How long ago the permit was due, in ms. Either clock may tell: the monotonic one stands still while a machine is
   * suspended, and the wall clock may be set back.
   */
  get latenessMs(): number {
    return Math.max(performance.now() - this.placement.dueAt, Date.now() - this.placement.dueAtByWall);
  }

  /** It is with whoever asked for it. */
  noteHandedOut(): void {
    this.#handedOutAt = performance.now();
  }

  async whenDue(): Promise<void> {
    if (this.#handedOutAt !== undefined) this.origin.noteReady(performance.now() - this.#handedOutAt);
    this.#handedOutAt = undefined;
    await this.within(0);
  }

  /** Resolves when it is due, or so much earlier. */
  async within(aheadMs: number): Promise<void> {
    for (;;) {
      const waitMs = this.placement.dueAt - aheadMs - performance.now();
      if (waitMs <= 0) return;
      await sleep(Math.ceil(waitMs));
    }
  }

  mayLeave(): boolean {
    const isInTime =
      !this.origin.lost.aborted &&
      performance.now() >= this.placement.dueAt - earlyMs &&
      this.latenessMs <= toleranceMs;
    if (isInTime && (this.#state === 'unused' || this.#state === 'leaving')) {
      this.#state = 'leaving';
      return true;
    }
    this.giveBack();
    return false;
  }

  noteSent(): void {
    if (this.#state === 'sent') return;
    this.#state = 'sent';
    this.origin.noteSent(this.placement, performance.now());
  }

  giveBack(): void {
    if (this.#state !== 'unused') return;
    this.#state = 'given back';
    this.origin.giveBack(this.placement);
  }
}
