import { CancelQueue } from '../shared/cancel-queue.js';
import { DeadLetterDesk } from '../shared/dead-letter-desk.js';
import { DeadLetterQueue } from '../shared/dead-letter-queue.js';
import { JobReader, Ledger, LetterLedger, PoolLedger } from '../shared/ledger/index.js';
import { PoolQueuer } from '../shared/pool-queuer.js';
import type { RedisClient } from '../shared/redis-connection.js';
import { loadTracing, type Tracing } from '../shared/tracing/tracing.js';
import type { CliSettings } from './cli-settings.js';
import { withRedis } from './open-redis.js';

/** Connects as `withRedis` does, and runs `work`, which deals with dead letters. */
export async function withDeadLetters<Result>(
  settings: CliSettings,
  work: (deadLetters: DeadLetterQueue, desk: DeadLetterDesk) => Promise<Result>,
): Promise<Result> {
  const tracing = await loadTracing(settings.tracing);
  try {
    return await withRedis(settings, (client) => withDesk(client, settings.queuePrefix, work, tracing));
  } finally {
    await tracing?.flush();
  }
}

/** The same on a connection that is open already. */
export async function withDesk<Result>(
  client: RedisClient,
  prefix: string,
  work: (deadLetters: DeadLetterQueue, desk: DeadLetterDesk) => Promise<Result>,
  tracing?: Tracing,
): Promise<Result> {
  const deadLetters = new DeadLetterQueue(client, prefix);
  const queue = new CancelQueue(client, prefix, tracing);
  for (const each of [deadLetters.queue, queue.queue]) each.on('error', () => {}); // each question tells its caller
  const desk = new DeadLetterDesk({
    letters: deadLetters,
    queuer: new PoolQueuer(new PoolLedger(client, prefix), queue),
    ledger: new Ledger(client, prefix),
    letterLedger: new LetterLedger(client, prefix),
    jobReader: new JobReader(client, prefix),
  });
  try {
    return await work(deadLetters, desk);
  } finally {
    await deadLetters.close();
    await queue.close();
  }
}
