/** The last so many measurements of something, to ask what is usual among them. */
export class RecentValues {
  readonly #values: number[] = [];

  constructor(private readonly kept: number) {}

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > this.kept) this.#values.shift();
  }

  /** The value that the given share of measurements does not exceed; 0 before the first. */
  quantile(share: number): number {
    const sorted = this.#values.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  }
}
