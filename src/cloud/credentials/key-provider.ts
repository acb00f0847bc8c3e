import { Credential } from '../credentials.js';

/** What one place where keys can be kept says when it is asked for one. */
export type Offer =
  | { readonly kind: 'key'; readonly credential: Credential }
  /** Nothing is set up here: the next place is asked. */
  | { readonly kind: 'absent'; readonly reason: string }
  /** Something is set up here but does not work. Nobody else is asked, lest another identity steps in unnoticed. */
  | { readonly kind: 'failed'; readonly reason: string };

/** One place where keys can be kept. */
export interface KeyProvider {
  readonly name: string;
  /** Asking costs a network call now and then. */
  readonly isRemote: boolean;
  /** Settles within a few seconds and never rejects. */
  offer(): Promise<Offer>;
  /** The cloud refused this key (or some key, when left out): do not offer it again from memory. */
  forget?(refused?: Credential): void;
}

export function absent(reason: string): Offer {
  return { kind: 'absent', reason };
}

export function failed(reason: string): Offer {
  return { kind: 'failed', reason };
}

/**
 * Offers a key made of these texts. Blanks around them, a common slip of copying, are cut off; a text that cannot
 * travel in a header is refused here, where it can be named, since the SDK would report it as a broken connection.
 */
export function offerKey(parts: { secretId: string; secretKey: string; token?: string | undefined }): Offer {
  const secretId = parts.secretId.trim();
  const secretKey = parts.secretKey.trim();
  const token = parts.token?.trim() ?? '';
  for (const [name, text] of Object.entries({ secretId, secretKey, token })) {
    if (/[^\x21-\x7e]/.test(text)) return failed(`the ${name} has blanks or unprintable characters`);
  }
  return { kind: 'key', credential: new Credential({ secretId, secretKey, token }) };
}
