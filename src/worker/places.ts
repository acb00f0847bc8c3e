/** A bounded number of places, for example for calls in flight. */
export class Places {
  #free: number;
  #waiters: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves when a place is free; it is not yet taken then. */
  async untilFree(): Promise<void> {
    while (this.#free <= 0) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  take(): void {
    this.#free -= 1;
  }

  release(): void {
    this.#free += 1;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const look of waiters) look();
  }
}
