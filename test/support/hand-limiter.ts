import type {
  AcquireOptions,
  Permit,
  RateLimiter,
  RateLimiterStats,
} from '../../src/shared/rate-limiter/index.js';

/** A permit that is never too late. */
export const usable: Permit = {
  whenDue: async () => {},
  mayLeave: () => true,
  noteSent: () => {},
  giveBack: () => {},
};

/** A limiter whose permits the test gives out by hand. */
export class HandLimiter implements RateLimiter {
  throttled = 0;
  readonly #waiters: ((permit: Permit) => void)[] = [];
  #unused = 0;

  /** Lets so many calls leave, now or when somebody asks. */
  give(permits = 1): void {
    for (let given = 0; given < permits; given++) {
      const waiter = this.#waiters.shift();
      if (waiter === undefined) this.#unused += 1;
      else waiter(usable);
    }
  }

  get isAsked(): boolean {
    return this.asked > 0;
  }

  /** Callers that wait for a permit. */
  get asked(): number {
    return this.#waiters.length;
  }

  start = (): void => {};

  acquire = async ({ signal }: AcquireOptions = {}): Promise<Permit> => {
    signal?.throwIfAborted();
    if (this.#unused > 0) {
      this.#unused -= 1;
      return usable;
    }
    return await new Promise<Permit>((resolve, reject) => {
      this.#waiters.push(resolve);
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  };

  reportThrottled = async (): Promise<void> => {
    this.throttled += 1;
  };

  stats(): RateLimiterStats {
    return {
      permits: 0,
      late: 0,
      givenBack: 0,
      throttled: this.throttled,
      reconnects: 0,
      intervalMs: 0,
    };
  }

  close = async (): Promise<void> => {};
}
