export type News<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'failure'; readonly error: unknown };

/**
 * Asks the same question at an even pace while somebody listens, and tells all listeners the answer: a hundred open
 * pages cost Redis no more than one.
 */
export class Feed<Value> {
  readonly #listeners = new Set<(news: News<Value>) => void>();
  #timer: NodeJS.Timeout | undefined;
  #asking = false;

  constructor(
    private readonly read: () => Promise<Value>,
    private readonly everyMs: number,
    /** Called when the last listener has left. */
    private readonly onIdle: () => void = () => {},
  ) {}

  /** Returns how to stop listening. The first news come at once. */
  subscribe(listener: (news: News<Value>) => void): () => void {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => this.#ask(), this.everyMs).unref();
    this.#ask();
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.onIdle();
    };
  }

  #ask(): void {
    if (this.#asking) return; // a slow answer is waited for, not asked for twice
    this.#asking = true;
    this.read()
      .then(
        (value): News<Value> => ({ kind: 'value', value }),
        (error: unknown): News<Value> => ({ kind: 'failure', error }),
      )
      .then((news) => {
        this.#asking = false;
        for (const listener of [...this.#listeners]) listener(news);
      })
      .catch(() => {}); // a listener whose stream has just ended
  }
}
