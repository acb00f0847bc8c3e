const everyMs = 5;
/** Less than this is the ordinary grain of timers. */
const worthNotingMs = 8;

/**
 * Notes when this process could not look at what had arrived, so that a call which is seen late is not taken for one
 * that was sent late.
 */
export class EventLoopLag {
  readonly #gaps: { readonly from: number; readonly to: number }[] = [];
  #last = performance.now();
  readonly #timer = setInterval(() => this.#tick(), everyMs);

  /** The earliest moment at which something that was noticed at `atMs` can have arrived. */
  earliest(atMs: number): number {
    // Timers run before arrivals are looked at, so an arrival can be noticed a moment after the gap has ended.
    const gap = this.#gaps.find(({ from, to }) => from <= atMs && atMs <= to + everyMs);
    return gap === undefined ? atMs : gap.from;
  }

  /** The longest time for which this process did not come to anything, in ms. */
  get longestMs(): number {
    return this.#gaps.reduce((longest, { from, to }) => Math.max(longest, to - from), 0);
  }

  /** What is noted so far is of no more use. */
  forget(): void {
    this.#gaps.length = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = performance.now();
    if (now - this.#last > everyMs + worthNotingMs) this.#gaps.push({ from: this.#last, to: now });
    this.#last = now;
  }
}
