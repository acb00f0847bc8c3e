import type { Clock } from '../../shared/clock.js';
import type { LimitedAction } from '../../worker/cloud-limiters.js';
import { withRedis } from '../open-redis.js';
import { CloudCaller } from './cloud-caller.js';
import type { FindSettings } from './find-settings.js';

/**
 * Connects to the cloud and to the call limiter in Redis, runs `work`, and closes both in any case.
 * The limiters of `actions` are made ready at once, since a new one takes a second.
 * @throws {EnqueueError} when Redis is away, after a few seconds: without it no call may leave
 * @throws {RedisUnfitError} when this Redis must not be trusted with requests
 */
export async function withCloud<Result>(
  settings: FindSettings,
  clock: Clock,
  actions: readonly LimitedAction[],
  work: (cloud: CloudCaller) => Promise<Result>,
): Promise<Result> {
  // The limiter waits for Redis for ever, which is right for workers only.
  await withRedis(settings, async () => {});
  // Loaded here: the cloud's SDK would make every other command slow to start.
  const { createSdkTatClient } = await import('../../cloud/sdk-tat-client.js');
  const { createCredentialSource } = await import('../../cloud/credentials/credential-source.js');
  const { parseEndpoint } = await import('../../cloud/endpoint.js');
  const { CloudLimiters } = await import('../../worker/cloud-limiters.js');
  const { createLogger } = await import('../../shared/logger.js');
  const { logLevel, endpoint } = settings;
  const isCurious = logLevel === 'debug' || logLevel === 'trace';
  const accessPoints = parseEndpoint(endpoint);
  const limiters = new CloudLimiters({
    redisUrl: settings.redisUrl,
    queuePrefix: settings.queuePrefix,
    callsPerSecond: settings.callsPerSecond,
    accessPointOf: (region) => accessPoints.hostFor(region),
    logger: createLogger({ level: isCurious ? logLevel : 'silent', name: 'tat-cancel-cli' }),
  });
  for (const action of actions) limiters.of(action, settings.region);
  const client = createSdkTatClient({
    endpoint,
    timeoutMs: settings.callTimeoutMs,
    credentials: createCredentialSource({ ...settings, profileFile: settings.credentialsFile }),
  });
  try {
    return await work(new CloudCaller({ client, limiters, clock, redisUrl: settings.redisUrl }));
  } finally {
    client.close();
    await limiters.close();
  }
}
