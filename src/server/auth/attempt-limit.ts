const windowMs = 60_000;
const mostPerAddress = 10;
const mostOverall = 300;

/**
 * Counts wrong secrets by address and over all. Beyond the limit nothing is even compared until the minute is over;
 * who is in already stays in, and bearer tokens that are right go on working.
 */
export class AttemptLimit {
  #startedAt: number;
  #byAddress = new Map<string, number>();
  #overall = 0;

  constructor(private readonly now: () => number = Date.now) {
    this.#startedAt = now();
  }

  /** Seconds to wait before another try is looked at; 0 when it may be made now. */
  waitSeconds(address: string): number {
    this.#turn();
    const isSpent = (this.#byAddress.get(address) ?? 0) >= mostPerAddress || this.#overall >= mostOverall;
    return isSpent ? Math.max(1, Math.ceil((this.#startedAt + windowMs - this.now()) / 1_000)) : 0;
  }

  /** Bounded memory: no more addresses than failures over all are kept. */
  noteFailure(address: string): void {
    this.#turn();
    if (this.#overall >= mostOverall) return;
    this.#overall += 1;
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1);
  }

  #turn(): void {
    if (this.now() - this.#startedAt < windowMs) return;
    this.#startedAt = this.now();
    this.#overall = 0;
    this.#byAddress = new Map();
  }
}
