import { createCredentialSource } from '../../src/cloud/credentials/credential-source.js';
import { createSdkTatClient } from '../../src/cloud/sdk-tat-client.js';
import { createLogger } from '../../src/shared/logger.js';
import { CancelWorker, type CancelWorkerOptions } from '../../src/worker/cancel-worker.js';

/** Where a test's worker finds Redis and the simulator. */
export interface TestPlace {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly simulatorUrl: string;
}

/** A worker with the settings of production and the simulator's key, unless told otherwise. */
export function createTestWorker(place: TestPlace, changes: Partial<CancelWorkerOptions> = {}): CancelWorker {
  const callTimeoutMs = changes.callTimeoutMs ?? 5_000;
  return new CancelWorker({
    redisUrl: place.redisUrl,
    queuePrefix: place.prefix,
    client: createSdkTatClient({
      endpoint: place.simulatorUrl,
      timeoutMs: callTimeoutMs,
      credentials: createCredentialSource({
        secretId: 'AKIDSIMULATOR',
        secretKey: 'simulator-secret-key',
        cvmRole: 'never',
      }),
    }),
    accessPointOf: () => 'simulator',
    callsPerSecond: 20,
    concurrency: 500,
    callsInFlight: 10,
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
