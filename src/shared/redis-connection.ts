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
   * `redis://…`, `redis+sentinel://host:port,host:port/master-name[/db]` or `redis+cluster://host:port,host:port`;
   * `rediss` in place of `redis` speaks TLS to everybody named and found. User and password go before an `@`, as in any
   * URL; sentinels themselves are asked without.
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
    autoPipeliningIgnoredCommands: new DefinedCommands(),
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
      return new Redis({
        ...common,
        sentinels: place.nodes,
        name: place.masterName,
        db: place.db,
        ...(place.isEncrypted ? { tls: {}, enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
      });
    case 'cluster':
      return new (options.patience === 'patient' ? Cluster : BoundedCluster)(place.nodes, {
        redisOptions: { ...common, ...(place.isEncrypted ? { tls: {} } : {}) },
        lazyConnect: true,
        // Certificates are made out to names, which the client's own look-up would have turned into addresses.
        ...(place.isEncrypted ? { dnsLookup: (host, found) => found(null, host) } : {}),
        clusterRetryStrategy: (times) => Math.min(100 * 2 ** times, 2_000),
      });
  }
}

/**
 * The commands that are sent by themselves: those that somebody defines, as BullMQ does with its scripts. A pipeline knows
 * what was defined before it was opened. One that is defined later fails in it, and takes the answers of all behind it
 * along: they go to the wrong callers, or end the process (ioredis issue 1931).
 */
class DefinedCommands extends Array<string> {
  static readonly #builtin: ReadonlySet<string> = new Set(Redis.prototype.getBuiltinCommands());

  override includes(name: string): boolean {
    return !DefinedCommands.#builtin.has(name.toLowerCase());
  }
}

/** Keeps the command timeout also while no node is known yet: the client would let commands wait for ever then. */
class BoundedCluster extends Cluster {
  override sendCommand(...[command, ...rest]: Parameters<Cluster['sendCommand']>): unknown {
    const limitMs = this.options.redisOptions?.commandTimeout;
    if (limitMs !== undefined) command.setTimeout(limitMs);
    return super.sendCommand(command, ...rest);
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
      isEncrypted: boolean;
      credentials: Credentials;
    }
  | { kind: 'cluster'; nodes: ClusterNode[]; isEncrypted: boolean; credentials: Credentials };

/** Reads a Redis URL of any of the supported forms. Throws with a message that never shows the password. */
export function parseRedisUrl(url: string): RedisPlace {
  const match =
    /^(?<scheme>rediss?(?:\+sentinel|\+cluster)?):\/\/(?:(?<auth>[^@/]*)@)?(?<hosts>[^/?#]+)(?:\/(?<path>[^?#]*))?$/.exec(
      url,
    );
  const { scheme, auth, hosts, path } = match?.groups ?? {};
  if (scheme === undefined || hosts === undefined) {
    throw new Error(
      'must look like redis://host:6379, redis+sentinel://host:26379,host:26379/master-name or redis+cluster://host:6379,host:6379, with rediss in place of redis for TLS',
    );
  }
  const credentials = parseCredentials(auth);
  const [transport, form] = scheme.split('+');
  const isEncrypted = transport === 'rediss';
  if (form === undefined) {
    if (!URL.canParse(url)) throw new Error('is not a valid URL');
    return { kind: 'single', url, credentials: {} };
  }
  const nodes = hosts.split(',').map((host) => parseNode(host, form === 'sentinel' ? 26_379 : 6_379));
  if (form === 'cluster') return { kind: 'cluster', nodes, isEncrypted, credentials };
  const [masterName, db = '0'] = (path ?? '').split('/');
  if (masterName === undefined || masterName === '') {
    throw new Error('must name the master behind the sentinels, as in redis+sentinel://host:26379/mymaster');
  }
  if (!/^\d+$/.test(db)) throw new Error(`has a malformed database number: ${db}`);
  return { kind: 'sentinel', nodes, masterName, db: Number(db), isEncrypted, credentials };
}

/** The same URL without user and password, for logs and error messages. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/.*@/, '//***@');
}

function parseCredentials(auth: string | undefined): Credentials {
  if (auth === undefined || auth === '') return {};
  const colon = auth.indexOf(':');
  const username = colon < 0 ? auth : auth.slice(0, colon);
  return {
    ...(username === '' ? {} : { username: decodePart(username) }),
    ...(colon < 0 ? {} : { password: decodePart(auth.slice(colon + 1)) }),
  };
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('has a user or password with a % that encodes nothing: write %25 for it');
  }
}

function parseNode(text: string, defaultPort: number): { host: string; port: number } {
  const [, host, port] = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === undefined) throw new Error(`has a malformed host: ${text}`);
  const number = port === undefined ? defaultPort : Number(port);
  if (number < 1 || number > 65_535) throw new Error(`has a port that is none: ${text}`);
  return { host: host.replace(/^\[|\]$/g, ''), port: number };
}
