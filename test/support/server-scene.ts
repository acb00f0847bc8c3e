import { resolve } from 'node:path';
import type { RouteOptions } from 'fastify';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { inject } from 'vitest';
import { Server } from '../../src/server/server.js';
import { readServerSettings } from '../../src/server/server-settings.js';
import { loggerOptions } from '../../src/shared/logger.js';
import type { Tracing } from '../../src/shared/tracing/tracing.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from './test-prefix.js';

export const secrets = {
  read: 'reader-secret-7d1f9ac2e6b4',
  enqueue: 'enqueuer-secret-7d1f9ac2e6b4',
  operate: 'operator-secret-7d1f9ac2e6b4',
} as const;

const tokens = `reader:read:${secrets.read},service:enqueue:${secrets.enqueue},ann:operate:${secrets.operate}`;

export interface SceneOptions {
  /** Undefined takes one away; AUTH_TOKENS is set unless told otherwise. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly prefix?: string;
  readonly redisUrl?: string;
  readonly redisPatienceMs?: number;
  readonly pageDirectory?: string;
  readonly tracing?: Tracing | undefined;
}

export interface CallOptions {
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed when it is JSON of some kind. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents of every shape
  readonly body: any;
}

/** The server in this process, listening on a free port, on a key prefix of its own. */
export class ServerScene {
  readonly routes: RouteOptions[] = [];
  logLines: string[] = [];
  url = '';
  metricsPort: number | undefined;

  private constructor(
    readonly server: Server,
    readonly prefix: string,
    readonly redisUrl: string,
    readonly redis: Redis,
    private readonly ownsPrefix: boolean,
  ) {}

  static async start(options: SceneOptions = {}): Promise<ServerScene> {
    const redisUrl = options.redisUrl ?? inject('redisUrl');
    const prefix = options.prefix ?? freshPrefix();
    const settings = readServerSettings({
      REDIS_URL: redisUrl,
      QUEUE_PREFIX: prefix,
      TENCENTCLOUD_REGION: 'ap-singapore',
      PORT: '0',
      AUTH_TOKENS: tokens,
      LOG_LEVEL: 'debug',
      SHUTDOWN_GRACE_MS: '2000',
      ...options.environment,
    });
    const lines: string[] = [];
    const logger = pino(loggerOptions({ level: settings.logLevel, name: 'test' }), {
      write: (line: string) => lines.push(line),
    });
    const server = new Server({
      settings,
      logger,
      tracing: options.tracing,
      pageDirectory: options.pageDirectory ?? resolve('test/server/page'),
      ...(options.redisPatienceMs === undefined ? {} : { redisPatienceMs: options.redisPatienceMs }),
    });
    const redis = connectToTestRedis(redisUrl);
    redis.on('error', () => {}); // some tests take Redis away
    const scene = new ServerScene(server, prefix, redisUrl, redis, options.prefix === undefined);
    scene.logLines = lines;
    server.app.addHook('onRoute', (route) => {
      scene.routes.push(route);
    });
    const { url, metricsPort } = await server.start();
    scene.url = url;
    scene.metricsPort = metricsPort;
    return scene;
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { token, headers = {}, body } = options;
    const answer = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = /[/+]json/.test(answer.headers.get('content-type') ?? '');
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
    };
  }

  /** Logs in as the page does; the value for a Cookie header. */
  async logIn(token: string): Promise<string> {
    const answer = await this.call('POST', '/v1/session', { body: { token } });
    return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  }

  async close(): Promise<void> {
    await this.server.close();
    if (this.ownsPrefix) await removeKeysOf(this.redis, this.prefix);
    this.redis.disconnect();
  }
}

/** What the page sends with a change. */
export function pageHeaders(cookie: string): Record<string, string> {
  return { cookie, 'sec-fetch-site': 'same-origin', 'x-requested-with': 'tat-cancel' };
}

/** An address that fits a route's pattern. */
export function pathOf(route: string): string {
  return route
    .replace(':queueName', 'tat-cancel')
    .replace(':instanceId', 'ins-00000001')
    .replace(':jobId', 'req-0.0')
    .replace('/v1/dead-letters/:id', '/v1/dead-letters/req-0.0.00000000')
    .replace(/:[A-Za-z]+/g, 'req-0')
    .replace('*', 'x');
}

/** Every method and address that the server answers, with the route behind it. */
export function everyAddress(scene: ServerScene): { method: string; path: string; route: string }[] {
  const addresses = scene.routes.flatMap((route) =>
    [route.method].flat().map((method) => ({ method, path: pathOf(route.url), route: route.url })),
  );
  return [...new Map(addresses.map((address) => [`${address.method} ${address.route}`, address])).values()];
}
