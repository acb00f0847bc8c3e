/** One answer for all who ask within a short time: what costs something must not be had by asking for it often. */
export class FreshAnswer<Answer> {
  #answer: Promise<Answer> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly ask: () => Promise<Answer>,
    private readonly freshForMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Rejects as the question did. */
  async read(): Promise<Answer> {
    if (this.#answer === undefined || this.now() - this.#askedAt >= this.freshForMs) {
      this.#askedAt = this.now();
      this.#answer = this.ask();
    }
    return await this.#answer;
  }
}
