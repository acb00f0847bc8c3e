import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MetricsListenerOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly contentType: string;
  /** The metrics as Prometheus reads them. */
  readonly read: () => Promise<string>;
  readonly onError: (error: unknown) => void;
  /** What /readyz tells; without it, ready from the start. */
  readonly isReady?: () => boolean;
}

const loopback = /^(?:localhost|\[?::1\]?|127(?:\.\d{1,3}){3})$/;

function isLoopback(host: string): boolean {
  return loopback.test(host);
}

function hostnameOf(header: string | undefined): string {
  const url = `http://${header}`;
  return URL.canParse(url) ? new URL(url).hostname : '';
}

/** A port with /metrics, /livez and /readyz and nothing else. */
export class MetricsListener {
  readonly #server: Server;

  constructor(private readonly options: MetricsListenerOptions) {
    this.#server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
      if (isLoopback(options.host) && !isLoopback(hostnameOf(request.headers.host))) {
        response.writeHead(421).end(); // a web site whose name was pointed here (DNS rebinding)
        return;
      }
      const path = request.url?.split('?')[0];
      const isProbe = path === '/livez' || path === '/readyz';
      if (request.method !== 'GET' || (path !== '/metrics' && !isProbe)) {
        response.writeHead(404).end();
        return;
      }
      if (isProbe) {
        const isWell = path === '/livez' || (options.isReady?.() ?? true);
        response.writeHead(isWell ? 200 : 503, { 'content-type': 'text/plain' });
        response.end(isWell ? 'ok\n' : 'not ready\n');
        return;
      }
      options.read().then(
        (text) => response.writeHead(200, { 'content-type': options.contentType }).end(text),
        (error: unknown) => {
          options.onError(error);
          response.writeHead(500).end();
        },
      );
    });
  }

  /** Resolves with the port. Rejects when it is taken. */
  async start(): Promise<number> {
    if (!this.#server.listening) {
      this.#server.listen(this.options.port, this.options.host);
      await once(this.#server, 'listening');
    }
    return (this.#server.address() as AddressInfo).port;
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
