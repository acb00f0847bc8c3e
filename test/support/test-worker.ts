import { createCredentialSource } from '../../src/cloud/credentials/credential-source.js';
import { createSdkTatClient } from '../../src/cloud/sdk-tat-client.js';
import type { TatClient } from '../../src/cloud/tat-client.js';
import { createLogger } from '../../src/shared/logger.js';
import { CancelWorker, type CancelWorkerOptions } from '../../src/worker/cancel-worker.js';

/** Where a test's worker finds Redis and the simulator. */
export interface TestPlace {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly simulatorUrl: string;
}

/** The real client, with the simulator's key. */
export function createTestClient(simulatorUrl: string, timeoutMs = 5_000): TatClient {
  return createSdkTatClient({
    endpoint: simulatorUrl,
    timeoutMs,
    credentials: createCredentialSource({
      secretId: 'AKIDSIMULATOR',
      secretKey: 'simulator-secret-key',
      cvmRole: 'never',
    }),
  });
}

/** A worker with the settings of production and the simulator's key, unless told otherwise. */
export function createTestWorker(place: TestPlace, changes: Partial<CancelWorkerOptions> = {}): CancelWorker {
  const callTimeoutMs = changes.callTimeoutMs ?? 5_000;
  return new CancelWorker({
    redisUrl: place.redisUrl,
    queuePrefix: place.prefix,
    client: createTestClient(place.simulatorUrl, callTimeoutMs),
    accessPointOf: () => 'simulator',
    callsPerSecond: 20,
    concurrency: 500,
    callsInFlight: 10,
    wholeInvocationCalls: false, // most tests look at lists
    attempts: 8,
    callTimeoutMs,
    confirm: true,
    retentionHours: 168,
    webhookAllowPrivate: true,
    logger: createLogger({ level: 'silent', name: 'test' }),
    workerName: 'test-worker',
    ...changes,
  });
}
