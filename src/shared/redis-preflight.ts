import { Cluster } from 'ioredis';
import { RedisUnfitError } from './errors.js';
import type { RedisClient } from './redis-connection.js';
import { findKnownHole, versionFrom } from './redis-version.js';

const oldestVersion = [6, 2] as const;

/** What Redis' errors begin with when a user may not log in, or may not do something. */
const refusalCodes = new Set(['NOAUTH', 'WRONGPASS', 'NOPERM']);

export interface RedisReport {
  readonly version: string;
  /** Things that work but ought to be mended, in plain words. */
  readonly warnings: readonly string[];
  /** What its version is known to be open to; for logs, and not for strangers. */
  readonly knownHole?: string;
}

/**
 * Looks at how Redis is set up, before any work is trusted to it.
 * @throws {RedisUnfitError} when using it would lose work: too old, or it may evict keys.
 */
export async function checkRedis(client: RedisClient): Promise<RedisReport> {
  const info = await insist(readRedisInfo(client));
  const version = info.get('redis_version') ?? 'unknown';
  if (!isNewEnough(version)) {
    throw new RedisUnfitError(
      `Redis ${version} is too old: version ${oldestVersion.join('.')} or newer is needed.`,
    );
  }
  const policy = info.get('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    throw new RedisUnfitError(
      `Redis evicts keys when memory runs out (maxmemory-policy ${policy}), which would lose cancel requests without a word. Set maxmemory-policy noeviction.`,
    );
  }
  await insist(client.eval('return 1', 0));
  const hole = findKnownHole(versionFrom(info));
  return {
    version,
    warnings: warningsFrom(info, policy),
    ...(hole === undefined ? {} : { knownHole: `${hole.what} ${hole.advice}` }),
  };
}

/** Names a fault of login or rights as such: waiting would not mend it, and each part would stumble over it by itself. */
async function insist<Answer>(question: Promise<Answer>): Promise<Answer> {
  try {
    return await question;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!refusalCodes.has(message.split(' ')[0] ?? '')) throw error;
    throw new RedisUnfitError(
      `Redis refuses this user: ${message}. Check user and password in REDIS_URL, and the rights of the user.`,
    );
  }
}

function warningsFrom(info: ReadonlyMap<string, string>, policy: string | undefined): string[] {
  const warnings: string[] = [];
  if (policy === undefined) {
    warnings.push('Redis does not tell its maxmemory-policy: make sure that it is noeviction.');
  }
  if (info.get('aof_enabled') !== '1') {
    warnings.push(
      info.get('rdb_last_save_time') === undefined
        ? 'Redis does not tell whether it persists: make sure that appendonly is yes.'
        : 'Redis keeps no append-only file: what was accepted since the last snapshot is lost when it crashes. Set appendonly yes.',
    );
  }
  if (info.get('aof_last_write_status') === 'err') {
    warnings.push('Redis could not write its append-only file: look at its disk.');
  }
  return warnings;
}

/**
 * What Redis says of itself; of a cluster, one master. INFO and not CONFIG GET: the least rights that suffice for the
 * queue do not include CONFIG.
 */
export async function readRedisInfo(client: RedisClient): Promise<ReadonlyMap<string, string>> {
  return parseInfo(await readInfo(client));
}

async function readInfo(client: RedisClient): Promise<string> {
  if (!(client instanceof Cluster)) return await client.info();
  if (client.status !== 'ready') await client.ping();
  const [master] = client.nodes('master');
  if (master === undefined) throw new RedisUnfitError('The Redis cluster has no master that answers.');
  return await master.info();
}

function parseInfo(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldestVersion[0] || (major === oldestVersion[0] && minor >= oldestVersion[1]);
}
