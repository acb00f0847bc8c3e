import { setMaxListeners } from 'node:events';
import type { CallSlot } from './call-limiter.js';

interface Taker {
  resolve(slot: CallSlot): void;
  reject(reason: unknown): void;
}

/** Those who wait for a slot, in the order of asking; those who missed one go first. */
export class TakerQueue {
  /** Sets keep the order of insertion and forget from the middle at no cost. */
  readonly #missed = new Set<Taker>();
  readonly #others = new Set<Taker>();

  get size(): number {
    return this.#missed.size + this.#others.size;
  }

  /** Waits for a turn. Rejects with the signal's reason, or with that of `rejectAll`. */
  add(signal?: AbortSignal, hasMissed = false): Promise<CallSlot> {
    const takers = hasMissed ? this.#missed : this.#others;
    return new Promise((resolve, reject) => {
      const leave = () => {
        takers.delete(taker);
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
      takers.add(taker);
      if (signal === undefined) return;
      setMaxListeners(0, signal); // many takers may share one signal; it is no leak
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** False when nobody waits. */
  resolveFirst(slot: CallSlot): boolean {
    for (const takers of [this.#missed, this.#others]) {
      for (const taker of takers) {
        taker.resolve(slot);
        return true;
      }
    }
    return false;
  }

  rejectAll(reason: unknown): void {
    for (const taker of [...this.#missed, ...this.#others]) taker.reject(reason);
  }
}
