import { toEnqueueError } from '../../producer/redis-errors.js';
import type { Clock } from '../../shared/clock.js';
import { createRedisClient } from '../../shared/redis-connection.js';
import { checkRedis } from '../../shared/redis-preflight.js';
import { redisPatienceMs } from '../open-producer.js';
import { CloudCaller } from './cloud-caller.js';
import type { FindSettings } from './find-settings.js';

/**
 * Connects to the cloud and to the call limiter in Redis, runs `work`, and closes both in any case.
 * @throws {EnqueueError} when Redis is away, after a few seconds: without it no call may leave
 * @throws {RedisUnfitError} when this Redis must not be trusted with requests
 */
export async function withCloud<Result>(
  settings: FindSettings,
  clock: Clock,
  work: (cloud: CloudCaller) => Promise<Result>,
): Promise<Result> {
  await askRedis(settings.redisUrl);
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
  const client = createSdkTatClient({
    endpoint,
    timeoutMs: settings.callTimeoutMs,
    credentials: createCredentialSource({ ...settings, profileFile: settings.credentialsFile }),
  });
  const limiterOf: ConstructorParameters<typeof CloudCaller>[0]['limiterOf'] = (action, region) =>
    limiters.of(action, region);
  try {
    return await work(new CloudCaller({ client, limiterOf, clock, redisUrl: settings.redisUrl }));
  } finally {
    client.close();
    await limiters.close();
  }
}

/** The limiter waits for Redis for ever, which is right for workers only. */
async function askRedis(url: string): Promise<void> {
  const client = createRedisClient({
    url,
    patience: 'bounded',
    commandTimeoutMs: redisPatienceMs,
    connectionName: 'tat-cancel-cli',
  });
  let connectionError: Error | undefined;
  client.on('error', (error: Error) => {
    connectionError = error;
  });
  try {
    await checkRedis(client);
  } catch (error) {
    if (error instanceof Error && error.name === 'RedisUnfitError') throw error;
    throw toEnqueueError(connectionError ?? error, url);
  } finally {
    client.disconnect();
  }
}
