import type { FastifyRequest } from 'fastify';
import type { Logger } from '../../shared/logger.js';
import type { AccessToken } from '../../shared/settings/index.js';
import { HttpProblem } from '../problem.js';
import { type Identity, openIdentity } from './identity.js';
import type { LoginThrottle } from './login-throttle.js';
import type { ProxyUsers } from './proxy-users.js';
import { type SessionCookie, sessionCookieName } from './session-cookie.js';
import type { TokenBook } from './token-book.js';

export interface DoorOptions {
  /** Undefined: the server runs open. */
  readonly tokens: TokenBook | undefined;
  readonly sessions: SessionCookie;
  readonly throttle: LoginThrottle;
  readonly logger: Logger;
  /** Undefined: no proxy names users. */
  readonly proxyUsers?: ProxyUsers | undefined;
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
  async identify(request: FastifyRequest): Promise<Identity | undefined> {
    const { tokens, sessions, proxyUsers } = this.options;
    if (tokens === undefined) return openIdentity;
    const { authorization } = request.headers;
    // A proxy may log in by a scheme of its own (Basic) and pass that on; a bearer token is meant for us.
    if (proxyUsers !== undefined && !/^bearer /i.test(authorization ?? '')) {
      const user = proxyUsers.identify(request.raw);
      if (user !== undefined) return user;
    }
    if (authorization !== undefined) return this.#fromHeader(authorization, request.ip, tokens);
    const cookie = request.cookies[sessionCookieName];
    return cookie === undefined ? undefined : await sessions.read(cookie);
  }

  /**
   * The cookie that a token is worth, and whose it is.
   * @throws {HttpProblem} when it is worth none, or after too many wrong ones
   */
  async logIn(secret: string, address: string): Promise<{ identity: Identity; cookie: string }> {
    const { tokens, sessions } = this.options;
    if (tokens === undefined) {
      throw new HttpProblem(
        'INVALID_REQUEST',
        'This server runs without tokens: there is nothing to log in to.',
      );
    }
    const token = this.#let(tokens.find(secret), address, 'No such token.');
    return {
      identity: { name: token.name, role: token.role, via: 'session' },
      cookie: await sessions.issue(token),
    };
  }

  #fromHeader(authorization: string, address: string, tokens: TokenBook): Identity {
    const [scheme = '', secret = ''] = authorization.split(' ');
    const found = scheme.toLowerCase() === 'bearer' ? tokens.find(secret) : undefined;
    const token = this.#let(found, address, 'The Authorization header holds no token that is known here.');
    return { name: token.name, role: token.role, via: 'token' };
  }

  /** The token, if it is one and may come from there now. What was found is told to nobody who has to wait. */
  #let(token: AccessToken | undefined, address: string, complaint: string): AccessToken {
    const { throttle, logger } = this.options;
    const retryAfterSeconds = throttle.waitSeconds(address, token?.name);
    if (retryAfterSeconds > 0) {
      throw new HttpProblem('RATE_LIMITED', 'Too many wrong tokens: wait before the next try.', {
        retryAfterSeconds,
      });
    }
    if (token !== undefined) {
      throttle.noteSuccess(address, token.name);
      return token;
    }
    const failures = throttle.noteFailure(address);
    // The first of a minute and the last that is counted: a log must not grow with every guess.
    if (failures === 1) logger.warn({ address }, 'access token refused');
    if (throttle.isLast(failures)) logger.warn({ address, failures }, 'access tokens throttled');
    throw new HttpProblem('UNAUTHENTICATED', complaint);
  }
}
