import { CancelProducer } from '../producer/index.js';
import type { CliSettings } from './cli-settings.js';

/** A command says that Redis is away after this long, in ms. */
export const redisPatienceMs = 4_500;

/**
 * Connects, runs `work`, and disconnects in any case.
 * @throws {EnqueueError} as the producer does, within `redisPatienceMs`
 * @throws {RedisUnfitError} when this Redis must not be trusted with requests
 */
export async function withProducer<Result>(
  settings: CliSettings,
  work: (producer: CancelProducer) => Promise<Result>,
): Promise<Result> {
  const producer = await CancelProducer.connect({
    redisUrl: settings.redisUrl,
    queuePrefix: settings.queuePrefix,
    timeoutMs: redisPatienceMs,
    ...(settings.region === undefined ? {} : { defaultRegion: settings.region }),
  });
  try {
    return await work(producer);
  } finally {
    await producer.close();
  }
}
