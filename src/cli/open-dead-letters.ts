import { CancelQueue } from '../shared/cancel-queue.js';
import { DeadLetters } from '../shared/dead-letters/index.js';
import { PoolLedger } from '../shared/ledger/index.js';
import { PoolQueuer } from '../shared/pool-queuer.js';
import type { RedisClient } from '../shared/redis-connection.js';
import { loadTracing, type Tracing } from '../shared/tracing/tracing.js';
import type { CliSettings } from './cli-settings.js';
import { withRedis } from './open-redis.js';

/** Connects as `withRedis` does, and runs `work`, which deals with dead letters. */
export async function withDeadLetters<Result>(
  settings: CliSettings,
  work: (deadLetters: DeadLetters) => Promise<Result>,
): Promise<Result> {
  const tracing = await loadTracing(settings.tracing);
  try {
    return await withRedis(settings, (client) => onDeadLetters(client, settings.queuePrefix, work, tracing));
  } finally {
    await tracing?.flush();
  }
}

/** The same on a connection that is open already. */
export async function onDeadLetters<Result>(
  client: RedisClient,
  prefix: string,
  work: (deadLetters: DeadLetters) => Promise<Result>,
  tracing?: Tracing,
): Promise<Result> {
  const queue = new CancelQueue(client, prefix, tracing);
  queue.queue.on('error', () => {}); // each question tells its caller
  try {
    return await work(new DeadLetters(client, prefix, new PoolQueuer(new PoolLedger(client, prefix), queue)));
  } finally {
    await queue.close();
  }
}
