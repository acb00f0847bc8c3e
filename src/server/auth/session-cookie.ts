import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { AccessToken } from '../../shared/settings/index.js';
import type { Identity } from './identity.js';
import { fingerprintOf, type TokenBook } from './token-book.js';

export const sessionCookieName = 'tat_cancel_session';

/** A working day and some; the page asks to log in again afterwards. */
export const sessionMs = 12 * 60 * 60 * 1_000;

const claimsSchema = z.object({ name: z.string(), token: z.string(), until: z.number() });

/**
 * Makes and reads the value of the session cookie: who, until when, and a signature. It holds no secret, and a session
 * ends with the token that it began with: what the token may do is looked up anew each time.
 */
export class SessionCookie {
  readonly #key: Buffer;

  constructor(
    private readonly tokens: TokenBook,
    /** Without it, sessions are good for this process only. */
    secret?: string,
    private readonly now: () => number = Date.now,
  ) {
    this.#key = secret === undefined ? randomBytes(32) : Buffer.from(secret);
  }

  issue(token: AccessToken): string {
    const claims = { name: token.name, token: fingerprintOf(token), until: this.now() + sessionMs };
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${body}.${this.#sign(body).toString('base64url')}`;
  }

  /** Undefined when it is forged, expired, or its token is no more. */
  read(value: string): Identity | undefined {
    const [body = '', signature = '', ...rest] = value.split('.');
    const given = Buffer.from(signature, 'base64url');
    const right = this.#sign(body);
    if (rest.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    const claims = claimsSchema.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
    if (claims.until <= this.now()) return undefined;
    const token = this.tokens.named(claims.name, claims.token);
    if (token === undefined) return undefined;
    return { name: token.name, role: token.role, via: 'session', until: claims.until };
  }

  #sign(body: string): Buffer {
    return createHmac('sha256', this.#key).update(`tat-cancel session ${body}`).digest();
  }
}
