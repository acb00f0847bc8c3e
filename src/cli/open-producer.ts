import { CancelProducer } from '../producer/index.js';
import { loadTracing } from '../shared/tracing/tracing.js';
import type { CliSettings } from './cli-settings.js';

/** A command says that Redis is away after this long, in ms. */
export const redisPatienceMs = 4_000;

/** The same while requests of a hundred thousand instances are handed over, which keep a busy Redis occupied for a while. */
export const bulkPatienceMs = 30_000;

/**
 * Connects, runs `work`, and disconnects in any case.
 * @throws {EnqueueError} as the producer does, after `patienceMs` at most
 * @throws {RedisUnfitError} when this Redis must not be trusted with requests
 */
export async function withProducer<Result>(
  settings: CliSettings,
  work: (producer: CancelProducer) => Promise<Result>,
  patienceMs = redisPatienceMs,
): Promise<Result> {
  const producer = await CancelProducer.connect({
    redisUrl: settings.redisUrl,
    queuePrefix: settings.queuePrefix,
    timeoutMs: patienceMs,
    tracing: settings.tracing,
    ...(settings.region === undefined ? {} : { defaultRegion: settings.region }),
  });
  try {
    return await work(producer);
  } finally {
    await producer.close();
    await (await loadTracing(settings.tracing))?.flush();
  }
}
