/**
 * Somebody else who uses the same sub-account: the console, a script, a colleague. It draws on a bucket at an even pace
 * from the moment it starts, the first time one interval later, and sends nothing.
 */
export class ForeignClient {
  #startedAtMs: number;
  #drawn = 0;
  #stopped = false;
  #admitted = 0;
  #refused = 0;

  constructor(
    readonly callsPerSecond: number,
    atMs: number,
    private readonly catchUp: (nowMs: number) => void,
  ) {
    this.#startedAtMs = atMs;
  }

  /** When its next call is due, in epoch milliseconds; Infinity once it is stopped. */
  get nextDueMs(): number {
    if (this.#stopped || this.callsPerSecond <= 0) return Number.POSITIVE_INFINITY;
    return this.#startedAtMs + ((this.#drawn + 1) * 1000) / this.callsPerSecond;
  }

  /** Counts its next call. Only its bucket calls this. */
  take(admitted: boolean): void {
    this.#drawn += 1;
    if (admitted) this.#admitted += 1;
    else this.#refused += 1;
  }

  /** How its calls fared so far. */
  outcome(nowMs = currentEpochMs()): { readonly admitted: number; readonly refused: number } {
    if (!this.#stopped) this.catchUp(nowMs);
    return { admitted: this.#admitted, refused: this.#refused };
  }

  /** Ends it; nothing is drawn for later moments. Safe to call twice. */
  stop(nowMs = currentEpochMs()): void {
    if (this.#stopped) return;
    this.catchUp(nowMs);
    this.#stopped = true;
  }
}

/** Epoch milliseconds with fractions, from the monotonic clock. */
export function currentEpochMs(): number {
  return performance.timeOrigin + performance.now();
}
