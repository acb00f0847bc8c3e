import type { FastifyRequest } from 'fastify';
import { HttpProblem } from '../problem.js';
import type { AttemptLimit } from './attempt-limit.js';
import { type Identity, openIdentity } from './identity.js';
import { type SessionCookie, sessionCookieName } from './session-cookie.js';
import type { TokenBook } from './token-book.js';

export interface DoorOptions {
  /** Undefined: the server runs open. */
  readonly tokens: TokenBook | undefined;
  readonly sessions: SessionCookie;
  readonly attempts: AttemptLimit;
}

/** Finds out who a request comes from. */
export class Door {
  constructor(private readonly options: DoorOptions) {}

  get isOpen(): boolean {
    return this.options.tokens === undefined;
  }

  /**
   * Undefined when nobody is named.
   * @throws {HttpProblem} when somebody is named and it is not true
   */
  identify(request: FastifyRequest): Identity | undefined {
    const { tokens, sessions } = this.options;
    if (tokens === undefined) return openIdentity;
    const { authorization } = request.headers;
    if (authorization !== undefined) return this.#fromHeader(authorization, request.ip, tokens);
    const cookie = request.cookies[sessionCookieName];
    return cookie === undefined ? undefined : sessions.read(cookie);
  }

  /**
   * The cookie that a token is worth, and whose it is.
   * @throws {HttpProblem} when it is worth none, or after too many wrong ones
   */
  logIn(secret: string, address: string): { identity: Identity; cookie: string } {
    const { tokens, sessions, attempts } = this.options;
    if (tokens === undefined) {
      throw new HttpProblem(
        'INVALID_REQUEST',
        'This server runs without tokens: there is nothing to log in to.',
      );
    }
    this.#refuseGuessing(address);
    const token = tokens.find(secret);
    if (token === undefined) {
      attempts.noteFailure(address);
      throw new HttpProblem('UNAUTHENTICATED', 'No such token.');
    }
    return {
      identity: { name: token.name, role: token.role, via: 'session' },
      cookie: sessions.issue(token),
    };
  }

  #fromHeader(authorization: string, address: string, tokens: TokenBook): Identity {
    const [scheme = '', secret = ''] = authorization.split(' ');
    const token = scheme.toLowerCase() === 'bearer' ? tokens.find(secret) : undefined;
    if (token !== undefined) return { name: token.name, role: token.role, via: 'token' };
    this.#refuseGuessing(address);
    this.options.attempts.noteFailure(address);
    throw new HttpProblem('UNAUTHENTICATED', 'The Authorization header holds no token that is known here.');
  }

  #refuseGuessing(address: string): void {
    const retryAfterSeconds = this.options.attempts.waitSeconds(address);
    if (retryAfterSeconds === 0) return;
    throw new HttpProblem('RATE_LIMITED', 'Too many wrong tokens: wait before the next try.', {
      retryAfterSeconds,
    });
  }
}
