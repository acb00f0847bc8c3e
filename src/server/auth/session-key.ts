import { createHmac, randomBytes } from 'node:crypto';

/** Where the random half of the key is kept. */
export interface SessionKeyStore {
  /** What is there; or this, if nothing is. */
  readOrCreate(fresh: string): Promise<string>;
}

const trustedForMs = 5_000;

/**
 * What sessions are signed with: a random key that the servers of an installation share in Redis, and SESSION_SECRET if
 * there is one. A copy of the settings alone forges no session, and with a SESSION_SECRET neither does a copy of Redis.
 */
export class SessionKey {
  #key: Buffer | undefined;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly store: SessionKeyStore,
    private readonly secret = '',
  ) {}

  /** @throws what the store throws, until it has answered once */
  async current(): Promise<Buffer> {
    return this.#key ?? (await this.#read());
  }

  /** The key as Redis has it now, if that was not looked at just before: Redis may have lost the one that is known here. */
  async renewed(): Promise<Buffer> {
    return this.#key !== undefined && performance.now() - this.#readAt < trustedForMs
      ? this.#key
      : await this.#read();
  }

  async #read(): Promise<Buffer> {
    const stored = await this.store.readOrCreate(randomBytes(32).toString('hex'));
    this.#key = createHmac('sha256', stored).update(this.secret).digest();
    this.#readAt = performance.now();
    return this.#key;
  }
}
