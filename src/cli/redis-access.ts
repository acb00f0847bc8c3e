import { toEnqueueError } from '../producer/redis-errors.js';
import { createRedisClient, type RedisClient } from '../shared/redis-connection.js';
import { checkRedis } from '../shared/redis-preflight.js';
import type { CliSettings } from './cli-settings.js';

/** A command says that Redis is away after this long. */
export const redisPatienceMs = 4_500;

/** A connection for one command's questions. */
export interface RedisAccess {
  readonly client: RedisClient;
  readonly prefix: string;
  /**
   * Runs what needs Redis.
   * @throws {EnqueueError} `REDIS_UNAVAILABLE` or `REDIS_REFUSED` in place of what the client says
   */
  ask<Answer>(question: () => Promise<Answer>): Promise<Answer>;
}

/**
 * Connects, checks that this Redis may be trusted, runs `work`, and disconnects in any case.
 * @throws {EnqueueError} when Redis does not answer within `redisPatienceMs`
 * @throws {RedisUnfitError} when it is too old or may evict keys
 */
export async function withRedis<Result>(
  settings: Pick<CliSettings, 'redisUrl' | 'queuePrefix'>,
  work: (access: RedisAccess) => Promise<Result>,
): Promise<Result> {
  const client = createRedisClient({
    url: settings.redisUrl,
    patience: 'bounded',
    commandTimeoutMs: redisPatienceMs,
    connectionName: 'tat-cancel-cli',
  });
  let connectionError: Error | undefined;
  client.on('error', (error: Error) => {
    connectionError = error;
  });
  client.on('ready', () => {
    connectionError = undefined;
  });
  const ask = async <Answer>(question: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await question();
    } catch (error) {
      if (error instanceof Error && error.name === 'RedisUnfitError') throw error;
      throw toEnqueueError(connectionError ?? error, settings.redisUrl);
    }
  };
  try {
    await ask(() => checkRedis(client));
    return await work({ client, prefix: settings.queuePrefix, ask });
  } finally {
    client.disconnect();
  }
}
