import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { AuditLog } from '../shared/audit/audit-log.js';
import type { Logger } from '../shared/logger.js';
import { readVersion } from '../shared/metrics/build-info.js';
import { MetricsListener } from '../shared/metrics/metrics-listener.js';
import { withoutPassword } from '../shared/redis-connection.js';
import type { Tracing } from '../shared/tracing/tracing.js';
import type { App } from './app.js';
import { Door } from './auth/door.js';
import { LoginThrottle } from './auth/login-throttle.js';
import { OriginCheck } from './auth/origin-check.js';
import { ProxyUsers } from './auth/proxy-users.js';
import { SessionCookie } from './auth/session-cookie.js';
import { SessionKey } from './auth/session-key.js';
import { TokenBook } from './auth/token-book.js';
import { Backend } from './backend.js';
import { createServer } from './create-server.js';
import { ServerMetrics } from './metrics/server-metrics.js';
import { isLoopback, type ServerSettings } from './server-settings.js';
import { UnusedConnections } from './unused-connections.js';

export interface ServerOptions {
  readonly settings: ServerSettings;
  readonly logger: Logger;
  /** Continues the traces of callers. */
  readonly tracing?: Tracing | undefined;
  /** For tests, which build the page elsewhere or not at all. */
  readonly pageDirectory?: string;
  readonly redisPatienceMs?: number;
}

const pageDirectory = fileURLToPath(new URL('../dashboard', import.meta.url));

/** The server with everything behind it. Does no I/O before `start`. */
export class Server {
  readonly app: App;
  readonly #backend: Backend;
  readonly #audit: AuditLog;
  readonly #closing = new AbortController();
  readonly #metricsListener: MetricsListener | undefined;
  readonly #unused: UnusedConnections;
  #closed: Promise<void> | undefined;

  constructor(private readonly options: ServerOptions) {
    const { settings, logger, tracing } = options;
    const { redisUrl, queuePrefix, region, host, authTokens, publicUrl, callsPerSecond } = settings;
    const proxyUsers = proxyUsersOf(settings);
    const isOpen = authTokens === undefined && proxyUsers === undefined;
    const tokens = isOpen ? undefined : new TokenBook(authTokens ?? []);
    this.#backend = new Backend({
      redisUrl,
      queuePrefix,
      logger,
      tracing,
      ...(region === undefined ? {} : { region }),
      ...(options.redisPatienceMs === undefined ? {} : { patienceMs: options.redisPatienceMs }),
    });
    this.#audit = new AuditLog(this.#backend.client, queuePrefix, logger);
    const metrics = new ServerMetrics(this.#backend);
    this.app = createServer({
      backend: this.#backend,
      audit: this.#audit,
      door: new Door({
        tokens,
        sessions: new SessionCookie(
          tokens ?? new TokenBook([]),
          new SessionKey(this.#backend, settings.sessionSecret),
        ),
        throttle: new LoginThrottle(),
        proxyUsers,
        logger,
      }),
      origins: new OriginCheck({
        onLoopback: isLoopback(host),
        ...(publicUrl === undefined ? {} : { publicUrl }),
      }),
      facts: {
        version: readVersion(),
        callsPerSecond,
        webhookAllowPrivate: settings.webhookAllowPrivate,
        ...(region === undefined ? {} : { region }),
      },
      closing: this.#closing.signal,
      logger,
      metrics,
      tracing,
      pageDirectory: options.pageDirectory ?? pageDirectory,
      requestsPerMinute: settings.requestsPerMinute,
      ...(settings.trustProxy === undefined ? {} : { trustProxy: settings.trustProxy }),
    });
    this.#unused = new UnusedConnections(this.app.server);
    if (settings.metricsPort !== undefined) {
      this.#metricsListener = new MetricsListener({
        host,
        port: settings.metricsPort,
        contentType: metrics.contentType,
        read: () => metrics.read(),
        onError: (err) => logger.error({ err }, 'the metrics could not be read'),
      });
    }
  }

  /** Listens; resolves with where. Redis may be away: requests are then answered with 503 until it is back. */
  async start(): Promise<{ url: string; metricsPort?: number }> {
    const { settings, logger } = this.options;
    await this.app.listen({ host: settings.host, port: settings.port });
    const { port } = this.app.server.address() as AddressInfo;
    const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
    const url = `http://${host}:${port}`;
    if (settings.authTokens === undefined && settings.trustedUserHeader === undefined) {
      logger.warn({ url }, 'AUTH_TOKENS is not set: everybody on this machine may operate');
    }
    const metricsPort = await this.#metricsListener?.start();
    // Ahead of the first request; one that fails is told to whoever asks.
    this.#backend.producer().catch((err: unknown) => {
      if (this.#closing.signal.aborted) return;
      logger.warn({ err, redis: withoutPassword(settings.redisUrl) }, 'the queue cannot be used yet');
    });
    logger.info({ url, ...(metricsPort === undefined ? {} : { metricsPort }) }, 'server started');
    return { url, ...(metricsPort === undefined ? {} : { metricsPort }) };
  }

  /** Ends streams at once, lets requests finish for the grace period, then ends all connections. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    const late = setTimeout(
      () => this.app.server.closeAllConnections(),
      this.options.settings.shutdownGraceMs,
    );
    try {
      const closed = this.app.close();
      this.#unused.end();
      await closed;
      await this.#metricsListener?.close();
      await this.#audit.close();
      await this.#backend.close();
    } finally {
      clearTimeout(late);
    }
  }
}

function proxyUsersOf(settings: ServerSettings): ProxyUsers | undefined {
  const { trustProxy, trustedUserHeader, trustedGroupsHeader, trustedGroups } = settings;
  if (trustProxy === undefined || trustedUserHeader === undefined || trustedGroups === undefined)
    return undefined;
  return new ProxyUsers({
    proxies: trustProxy,
    userHeader: trustedUserHeader,
    groupsHeader: trustedGroupsHeader,
    groups: trustedGroups,
  });
}
