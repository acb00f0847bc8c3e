import type { CallLimiter, CallLimiterStats, CallSlot } from '../../src/worker/call-limiter/call-limiter.js';

/** A slot that is in time for ever. */
export const usable: CallSlot = { isUsable: () => true, mayLeave: () => true, noteSent: () => {} };

/** A limiter whose slots the test gives out by hand. */
export class HandLimiter implements CallLimiter {
  refusals = 0;
  readonly #takers: ((slot: CallSlot) => void)[] = [];
  #unused = 0;

  /** Lets so many calls leave, now or when somebody asks. */
  give(slots = 1): void {
    for (let given = 0; given < slots; given++) {
      const taker = this.#takers.shift();
      if (taker === undefined) this.#unused += 1;
      else taker(usable);
    }
  }

  get isAsked(): boolean {
    return this.asked > 0;
  }

  /** Takers that wait for a slot. */
  get asked(): number {
    return this.#takers.length;
  }

  take = async (signal?: AbortSignal): Promise<CallSlot> => {
    signal?.throwIfAborted();
    if (this.#unused > 0) {
      this.#unused -= 1;
      return usable;
    }
    return await new Promise<CallSlot>((resolve, reject) => {
      this.#takers.push(resolve);
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  };

  reportRefusal = async (): Promise<void> => {
    this.refusals += 1;
  };

  stats(): CallLimiterStats {
    return { slots: 0, lateSlots: 0, recreations: 0, refusals: this.refusals, spacingMs: 0 };
  }

  close = async (): Promise<void> => {};
}
