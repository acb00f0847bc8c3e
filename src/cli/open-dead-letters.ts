import { toEnqueueError } from '../producer/redis-errors.js';
import { CancelQueue } from '../shared/cancel-queue.js';
import { DeadLetterDesk } from '../shared/dead-letter-desk.js';
import { DeadLetterQueue } from '../shared/dead-letter-queue.js';
import { JobReader, Ledger, LetterLedger } from '../shared/ledger/index.js';
import { createRedisClient } from '../shared/redis-connection.js';
import { checkRedis } from '../shared/redis-preflight.js';
import type { CliSettings } from './cli-settings.js';
import { redisPatienceMs } from './open-producer.js';

/**
 * Connects, runs `work`, which deals with dead letters and nothing else, and disconnects in any case.
 * @throws {EnqueueError} `REDIS_UNAVAILABLE` or `REDIS_REFUSED` in place of what the Redis client says
 * @throws {RedisUnfitError} when this Redis must not be trusted with requests
 */
export async function withDeadLetters<Result>(
  settings: CliSettings,
  work: (deadLetters: DeadLetterQueue, desk: DeadLetterDesk) => Promise<Result>,
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
    const deadLetters = new DeadLetterQueue(client, settings.queuePrefix);
    const queue = new CancelQueue(client, settings.queuePrefix);
    for (const each of [deadLetters.queue, queue.queue]) each.on('error', () => {}); // each question tells its caller
    const desk = new DeadLetterDesk({
      letters: deadLetters,
      queue,
      ledger: new Ledger(client, settings.queuePrefix),
      letterLedger: new LetterLedger(client, settings.queuePrefix),
      jobReader: new JobReader(client, settings.queuePrefix),
    });
    try {
      return await work(deadLetters, desk);
    } finally {
      await deadLetters.close();
      await queue.close();
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'RedisUnfitError') throw error;
    throw toEnqueueError(connectionError ?? error, settings.redisUrl);
  } finally {
    client.disconnect();
  }
}
