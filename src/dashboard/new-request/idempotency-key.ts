/** One key for one content: handing the same in once more, after a lost answer say, makes no second request. */
export class IdempotencyKeys {
  #content: string | undefined;
  #key = '';

  keyFor(draft: unknown): string {
    const content = JSON.stringify(draft);
    if (content !== this.#content) {
      this.#content = content;
      this.#key = `page-${randomText()}`;
    }
    return this.#key;
  }

  /** After success: the same list handed in on purpose is a new request. */
  forget(): void {
    this.#content = undefined;
  }
}

/** randomUUID is there on secure origins only. */
function randomText(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
