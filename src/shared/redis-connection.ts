import { Cluster, type ClusterNode, Redis, type RedisOptions } from 'ioredis';

/** A single server, a Sentinel group or a cluster: everything that commands can be sent to. */
export type RedisClient = Redis | Cluster;

/**
 * How a connection bears a Redis that is away.
 * - `patient`: waits for ever and goes on by itself; for workers.
 * - `bounded`: a command fails within a few seconds; for producers, whose callers wait for an answer.
 */
export type Patience = 'patient' | 'bounded';

export interface RedisConnectionOptions {
  /**
   * `redis://…`, `rediss://…` (TLS), `redis+sentinel://host:port,host:port/master-name[/db]` or
   * `redis+cluster://host:port,host:port`. User and password go before an `@`, as in any URL.
   */
  readonly url: string;
  readonly patience: Patience;
  /** Longest wait for one command, in ms; only with `bounded`. */
  readonly commandTimeoutMs?: number;
  /** Sends commands that are issued in the same tick together. Not for connections that block. */
  readonly autoPipelining?: boolean;
  /** Shown by CLIENT LIST. */
  readonly connectionName?: string;
}

/** Connects lazily: the first command opens the connection. The caller listens for `error` and closes it. */
export function createRedisClient(options: RedisConnectionOptions): RedisClient {
  const place = parseRedisUrl(options.url);
  const common = {
    lazyConnect: true,
    connectionName: options.connectionName ?? 'tat-cancel',
    connectTimeout: 5_000,
    enableAutoPipelining: options.autoPipelining ?? false,
    ...(options.patience === 'patient'
      ? { maxRetriesPerRequest: null, retryStrategy: (times: number) => Math.min(100 * 2 ** times, 2_000) }
      : {
          maxRetriesPerRequest: 1,
          commandTimeout: options.commandTimeoutMs ?? 5_000,
          retryStrategy: (times: number) => Math.min(50 * 2 ** times, 1_000),
        }),
    ...place.credentials,
  } satisfies RedisOptions;
  switch (place.kind) {
    case 'single':
      return new Redis(place.url, common);
    case 'sentinel':
      return new Redis({ ...common, sentinels: place.nodes, name: place.masterName, db: place.db });
    case 'cluster':
      return new Cluster(place.nodes, {
        redisOptions: common,
        lazyConnect: true,
        clusterRetryStrategy: (times) => Math.min(100 * 2 ** times, 2_000),
      });
  }
}

interface Credentials {
  username?: string;
  password?: string;
}

type RedisPlace =
  | { kind: 'single'; url: string; credentials: Credentials }
  | {
      kind: 'sentinel';
      nodes: { host: string; port: number }[];
      masterName: string;
      db: number;
      credentials: Credentials;
    }
  | { kind: 'cluster'; nodes: ClusterNode[]; credentials: Credentials };

/** Reads a Redis URL of any of the supported forms. Throws with a message that never shows the password. */
export function parseRedisUrl(url: string): RedisPlace {
  const match =
    /^(?<scheme>redis|rediss|redis\+sentinel|redis\+cluster):\/\/(?:(?<auth>[^@/]*)@)?(?<hosts>[^/?#]+)(?:\/(?<path>[^?#]*))?$/.exec(
      url,
    );
  const { scheme, auth, hosts, path } = match?.groups ?? {};
  if (scheme === undefined || hosts === undefined) {
    throw new Error(
      'must look like redis://host:6379, rediss://host:6379, redis+sentinel://host:26379,host:26379/master-name or redis+cluster://host:6379,host:6379',
    );
  }
  const credentials = parseCredentials(auth);
  if (scheme === 'redis' || scheme === 'rediss') {
    if (!URL.canParse(url)) throw new Error('is not a valid URL');
    return { kind: 'single', url, credentials: {} };
  }
  const nodes = hosts.split(',').map((host) => parseNode(host, scheme === 'redis+sentinel' ? 26_379 : 6_379));
  if (scheme === 'redis+cluster') return { kind: 'cluster', nodes, credentials };
  const [masterName, db = '0'] = (path ?? '').split('/');
  if (masterName === undefined || masterName === '') {
    throw new Error('must name the master behind the sentinels, as in redis+sentinel://host:26379/mymaster');
  }
  if (!/^\d+$/.test(db)) throw new Error(`has a malformed database number: ${db}`);
  return { kind: 'sentinel', nodes, masterName, db: Number(db), credentials };
}

/** The same URL without user and password, for logs and error messages. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/.*@/, '//***@');
}

function parseCredentials(auth: string | undefined): Credentials {
  if (auth === undefined || auth === '') return {};
  const [username = '', password] = auth.split(':');
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === undefined ? {} : { password: decodeURIComponent(password) }),
  };
}

function parseNode(text: string, defaultPort: number): { host: string; port: number } {
  const [, host, port] = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === undefined) throw new Error(`has a malformed host: ${text}`);
  const number = port === undefined ? defaultPort : Number(port);
  if (number < 1 || number > 65_535) throw new Error(`has a port that is none: ${text}`);
  return { host: host.replace(/^\[|\]$/g, ''), port: number };
}
