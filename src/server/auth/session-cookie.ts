import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { AccessToken } from '../../shared/settings/index.js';
import type { Identity } from './identity.js';
import type { SessionKey } from './session-key.js';
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
  constructor(
    private readonly tokens: TokenBook,
    private readonly key: SessionKey,
    private readonly now: () => number = Date.now,
  ) {}

  async issue(token: AccessToken): Promise<string> {
    const claims = { name: token.name, token: fingerprintOf(token), until: this.now() + sessionMs };
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${body}.${sign(body, await this.key.current()).toString('base64url')}`;
  }

  /** Undefined when it is forged, expired, or its token is no more. */
  async read(value: string): Promise<Identity | undefined> {
    const [body = '', signature = '', ...rest] = value.split('.');
    const given = Buffer.from(signature, 'base64url');
    if (rest.length > 0 || !(await this.#isSigned(body, given))) return undefined;
    const claims = claimsSchema.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
    const left = claims.until - this.now();
    // None is issued for longer, whoever may have signed it.
    if (left <= 0 || left > sessionMs) return undefined;
    const token = this.tokens.named(claims.name, claims.token);
    if (token === undefined) return undefined;
    return { name: token.name, role: token.role, via: 'session', until: claims.until };
  }

  async #isSigned(body: string, given: Buffer): Promise<boolean> {
    if (isEqual(sign(body, await this.key.current()), given)) return true;
    return isEqual(sign(body, await this.key.renewed()), given);
  }
}

function sign(body: string, key: Buffer): Buffer {
  return createHmac('sha256', key).update(`tat-cancel session ${body}`).digest();
}

function isEqual(right: Buffer, given: Buffer): boolean {
  return given.length === right.length && timingSafeEqual(given, right);
}
