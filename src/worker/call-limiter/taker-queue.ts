import { setMaxListeners } from 'node:events';
import type { CallSlot } from './call-limiter.js';

interface Taker {
  resolve(slot: CallSlot): void;
  reject(reason: unknown): void;
}

/** Those who wait for a slot, in the order of asking. */
export class TakerQueue {
  /** A set keeps the order of insertion and forgets from the middle at no cost. */
  readonly #takers = new Set<Taker>();

  get size(): number {
    return this.#takers.size;
  }

  /** Waits for a turn. Rejects with the signal's reason, or with that of `rejectAll`. */
  add(signal?: AbortSignal): Promise<CallSlot> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#takers.delete(taker);
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = () => taker.reject(signal?.reason);
      const taker: Taker = {
        resolve: (slot) => {
          leave();
          resolve(slot);
        },
        reject: (reason) => {
          leave();
          reject(reason);
        },
      };
      this.#takers.add(taker);
      if (signal === undefined) return;
      setMaxListeners(0, signal); // many takers may share one signal; it is no leak
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** False when nobody waits. */
  resolveFirst(slot: CallSlot): boolean {
    for (const taker of this.#takers) {
      taker.resolve(slot);
      return true;
    }
    return false;
  }

  rejectAll(reason: unknown): void {
    for (const taker of [...this.#takers]) taker.reject(reason);
  }
}
