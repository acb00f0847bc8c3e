import { toEnqueueError } from '../producer/redis-errors.js';
import { checkLedgerFormat } from '../shared/ledger/ledger-format.js';
import { createRedisClient, type RedisClient } from '../shared/redis-connection.js';
import { checkRedis } from '../shared/redis-preflight.js';
import type { CliSettings } from './cli-settings.js';
import { redisPatienceMs } from './open-producer.js';

/**
 * Connects, checks that this Redis may be trusted, runs `work`, and disconnects in any case.
 * @throws {EnqueueError} `REDIS_UNAVAILABLE` or `REDIS_REFUSED` in place of what the Redis client says
 * @throws {RedisUnfitError} when this Redis must not be trusted with requests
 */
export async function withRedis<Result>(
  settings: Pick<CliSettings, 'redisUrl' | 'queuePrefix'>,
  work: (client: RedisClient) => Promise<Result>,
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
  try {
    await checkRedis(client);
    await checkLedgerFormat(client, settings.queuePrefix);
    return await work(client);
  } catch (error) {
    if (error instanceof Error && passedOn.has(error.name)) throw error;
    throw toEnqueueError(connectionError ?? error, settings.redisUrl);
  } finally {
    client.disconnect();
  }
}

/** Not of the Redis client's making: faults of the user, of Redis' set-up, and of this program. */
const passedOn = new Set([
  'RedisUnfitError',
  'UsageError',
  'InterruptedError',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
  'ZodError',
]);
