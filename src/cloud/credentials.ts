import { inspect } from 'node:util';

/** A key to sign calls with. It keeps its secrets out of logs: printing or serialising it shows none of them. */
export class Credential {
  readonly #secretId: string;
  readonly #secretKey: string;
  readonly #token: string | undefined;

  constructor(parts: { secretId: string; secretKey: string; token?: string | undefined }) {
    this.#secretId = parts.secretId;
    this.#secretKey = parts.secretKey;
    this.#token = parts.token === '' ? undefined : parts.token;
  }

  get secretId(): string {
    return this.#secretId;
  }

  get secretKey(): string {
    return this.#secretKey;
  }

  /** Only temporary credentials have one. */
  get token(): string | undefined {
    return this.#token;
  }

  toJSON(): string {
    return '[credential]';
  }

  [inspect.custom](): string {
    return 'Credential { *** }';
  }
}

/** Gives the key for the next call. */
export interface CredentialSource {
  /**
   * The key to use now; renewed ahead of its expiry. It costs a network call only when a temporary key must be
   * fetched, and never more than a few seconds.
   *
   * @throws {CredentialsUnavailableError} naming every source that was tried, and why it did not serve
   */
  get(signal?: AbortSignal): Promise<Credential>;
  /**
   * The cloud refused a key: the next `get` fetches anew. Hand in the key that was refused, so that a late refusal
   * does not throw away its successor.
   */
  invalidate(refused?: Credential): void;
}

export interface TriedSource {
  readonly source: string;
  readonly reason: string;
}

/** No source could give a key. Holds reasons, never secrets. */
export class CredentialsUnavailableError extends Error {
  readonly code = 'CredentialsUnavailable';
  override readonly name = 'CredentialsUnavailableError';

  constructor(readonly tried: readonly TriedSource[]) {
    super(`No credentials: ${tried.map(({ source, reason }) => `${source}: ${reason}`).join('; ')}.`);
  }
}
