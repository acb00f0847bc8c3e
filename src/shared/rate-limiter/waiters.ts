import { setMaxListeners } from 'node:events';
import type { AcquireOptions } from './rate-limiter.js';
import type { WindowPermit } from './window-permit.js';

interface Waiter {
  readonly isFull: boolean;
  readonly isAhead: boolean;
  resolve(permit: WindowPermit): void;
  reject(reason: unknown): void;
}

/** Those who wait for a permit, in the order of asking; urgent ones go first. */
export class Waiters {
  /** Sets keep the order of insertion and forget from the middle at no cost. */
  readonly #urgent = new Set<Waiter>();
  readonly #others = new Set<Waiter>();

  get size(): number {
    return this.#urgent.size + this.#others.size;
  }

  /** Whether any of those who wait wants its permit ahead. */
  get isAnyAhead(): boolean {
    for (const waiter of this.#inOrder()) if (waiter.isAhead) return true;
    return false;
  }

  /** Whether the call of the waiter at this place is a full one; true if there is no such place. */
  isFullAt(place: number): boolean {
    let index = 0;
    for (const waiter of this.#inOrder()) {
      if (index === place) return waiter.isFull;
      index++;
    }
    return true;
  }

  /** Waits for a turn. Rejects with the signal's reason, or with that of `rejectAll`. */
  add({ signal, isFull = true, isUrgent = false, isAhead = false }: AcquireOptions): Promise<WindowPermit> {
    const waiters = isUrgent ? this.#urgent : this.#others;
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiters.delete(waiter);
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = () => waiter.reject(signal?.reason);
      const waiter: Waiter = {
        isFull,
        isAhead,
        resolve: (permit) => {
          leave();
          resolve(permit);
        },
        reject: (reason) => {
          leave();
          reject(reason);
        },
      };
      waiters.add(waiter);
      if (signal === undefined) return;
      setMaxListeners(0, signal); // many waiters may share one signal; it is no leak
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** False when there is no waiter. */
  resolveFirst(permit: WindowPermit): boolean {
    for (const waiter of this.#inOrder()) {
      waiter.resolve(permit);
      return true;
    }
    return false;
  }

  rejectAll(reason: unknown): void {
    for (const waiter of [...this.#inOrder()]) waiter.reject(reason);
  }

  *#inOrder(): Iterable<Waiter> {
    yield* this.#urgent;
    yield* this.#others;
  }
}
