import type { FastifyRequest } from 'fastify';
import { HttpProblem } from '../problem.js';

export interface OriginCheckOptions {
  /** The server listens on a loopback address. */
  readonly onLoopback: boolean;
  readonly publicUrl?: string;
}

const loopbackNames = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/;

/** Keeps other web sites from using the browser of somebody who may do something here. */
export class OriginCheck {
  readonly #publicUrl: URL | undefined;

  constructor(private readonly options: OriginCheckOptions) {
    this.#publicUrl = options.publicUrl === undefined ? undefined : new URL(options.publicUrl);
  }

  /** Whether cookies may travel over encrypted connections only. */
  get isEncrypted(): boolean {
    return this.#publicUrl?.protocol === 'https:';
  }

  /**
   * On loopback a foreign site could have its own name point here (DNS rebinding), and then be the same site.
   * @throws {HttpProblem}
   */
  refuseForeignHost({ headers }: FastifyRequest): void {
    if (!this.options.onLoopback) return;
    const url = `http://${headers.host}`;
    const hostname = URL.canParse(url) ? new URL(url).hostname : '';
    if (loopbackNames.test(hostname) || hostname === this.#publicUrl?.hostname) return;
    throw new HttpProblem('WRONG_HOST', 'This server answers for 127.0.0.1, localhost and PUBLIC_URL only.');
  }

  /**
   * A change that a browser vouches for without anybody's doing (by a cookie, or by being on this machine) must come
   * from a page of this server. Programs that send a token are not concerned.
   * @throws {HttpProblem}
   */
  refuseForeignPage(request: FastifyRequest): void {
    const { origin, 'sec-fetch-site': site, 'x-requested-with': requestedWith } = request.headers;
    const isBrowser = origin !== undefined || site !== undefined;
    const { via } = request.identity ?? {};
    if (via !== 'session' && via !== 'proxy' && !isBrowser) return;
    const isOwn =
      typeof site === 'string'
        ? site === 'same-origin' || site === 'none'
        : origin !== undefined && this.#isOwn(origin, request.headers.host);
    if (!isOwn) throw new HttpProblem('CROSS_SITE', 'Changes are taken from pages of this server only.');
    if (requestedWith !== 'tat-cancel' && request.routeOptions.config.foreignPage !== true) {
      throw new HttpProblem('CROSS_SITE', 'The header X-Requested-With: tat-cancel is missing.');
    }
  }

  #isOwn(origin: string, host: string | undefined): boolean {
    if (origin === this.#publicUrl?.origin) return true;
    return URL.canParse(origin) && host !== undefined && new URL(origin).host === host;
  }
}
