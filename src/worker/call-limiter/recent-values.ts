/** The last so many measurements of something, to ask what is usual among them. */
export class RecentValues {
  readonly #values: number[] = [];

  constructor(private readonly kept: number) {}

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > this.kept) this.#values.shift();
  }

  get size(): number {
    return this.#values.length;
  }

  /** The value that the given share of measurements does not exceed; 0 before the first. */
  quantile(share: number): number {
    const sorted = this.#values.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  }

  /** The share of measurements that do not exceed the value. Not a number before the first. */
  shareUpTo(value: number): number {
    return this.#values.filter((measured) => measured <= value).length / this.#values.length;
  }
}
