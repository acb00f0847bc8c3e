import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { createCredentialSource } from '../cloud/credentials/credential-source.js';
import { parseEndpoint } from '../cloud/endpoint.js';
import { createSdkTatClient } from '../cloud/sdk-tat-client.js';
import { takeOverLedger } from '../shared/ledger/index.js';
import type { Logger } from '../shared/logger.js';
import { MetricsListener } from '../shared/metrics/metrics-listener.js';
import { createRedisClient, withoutPassword } from '../shared/redis-connection.js';
import { checkRedis } from '../shared/redis-preflight.js';
import { loadTracing, type Tracing } from '../shared/tracing/tracing.js';
import { CancelWorker } from './cancel-worker.js';
import { observeClient } from './metrics/observed-client.js';
import { WorkerMetrics } from './metrics/worker-metrics.js';
import { QuietErrors } from './quiet-errors.js';
import type { WorkerSettings } from './worker-settings.js';

/**
 * Runs a worker until the signal aborts, then lets it finish in good order. Waits for Redis as long as it takes.
 * @throws {RedisUnfitError} when Redis must not be trusted with work
 */
export async function runWorker(
  settings: WorkerSettings,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  let isReady = false;
  const { metrics, listener } = createMetrics(settings, logger, () => isReady && !signal.aborted);
  // Ahead of the wait for Redis: whoever watches over this process must be able to tell waiting from hanging.
  const metricsPort = await listener?.start();
  const tracing = await loadTracing(settings.tracing);
  try {
    await waitForFitRedis(settings, logger, signal);
    if (signal.aborted) return;
    const { worker, name } = createWorker(settings, logger, metrics, tracing);
    worker.start();
    isReady = true;
    const { endpoint, callsPerSecond } = settings;
    logger.info({ worker: name, endpoint, callsPerSecond, metricsPort }, 'worker started');
    await untilAborted(signal);
    logger.info('worker stops: calls in flight finish, the rest goes back');
    await worker.close(settings.shutdownGraceMs);
  } finally {
    await tracing?.flush();
    await listener?.close();
  }
  logger.info('worker stopped');
}

function createWorker(
  settings: WorkerSettings,
  logger: Logger,
  metrics: WorkerMetrics,
  tracing: Tracing | undefined,
) {
  const endpoint = parseEndpoint(settings.endpoint);
  // Containers that share a network share a host name, too, and each may be process 7 of its own.
  const name = `${hostname()}-${process.pid}-${randomBytes(2).toString('hex')}`;
  const client = createSdkTatClient({
    endpoint: settings.endpoint,
    timeoutMs: settings.callTimeoutMs,
    credentials: createCredentialSource({
      secretId: settings.secretId,
      secretKey: settings.secretKey,
      sessionToken: settings.sessionToken,
      profileFile: settings.credentialsFile,
      cvmRole: settings.cvmRole,
    }),
  });
  const worker = new CancelWorker({
    ...settings,
    metrics,
    tracing,
    client: observeClient(client, metrics),
    accessPointOf: (region) => endpoint.hostFor(region),
    endpoint: endpoint.text,
    logger,
    workerName: name,
  });
  return { worker, name };
}

/** The metrics, and the port to read them at if one is set. */
function createMetrics({ host, metricsPort: port }: WorkerSettings, logger: Logger, isReady: () => boolean) {
  const metrics = new WorkerMetrics();
  if (port === undefined) return { metrics };
  const listener = new MetricsListener({
    host,
    port,
    contentType: metrics.contentType,
    read: () => metrics.read(),
    onError: (err) => logger.error({ err }, 'the metrics could not be read'),
    isReady,
  });
  return { metrics, listener };
}

async function waitForFitRedis(
  { redisUrl: url, queuePrefix: prefix }: Pick<WorkerSettings, 'redisUrl' | 'queuePrefix'>,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const client = createRedisClient({ url, patience: 'patient', connectionName: 'tat-cancel-preflight' });
  const errors = new QuietErrors(logger);
  client.on('error', errors.of(`Redis at ${withoutPassword(url)} cannot be reached; waiting for it`));
  try {
    // A command that waits for a connection is never told that the connection was given up, so the signal is asked too.
    const report = await Promise.race([checkRedis(client), untilAborted(signal)]);
    if (report === undefined) return;
    await Promise.race([takeOverLedger(client, prefix), untilAborted(signal)]);
    logger.info({ redis: withoutPassword(url), version: report.version }, 'Redis is fit');
    for (const warning of report.warnings) logger.warn(warning);
    if (report.knownHole !== undefined) logger.warn(report.knownHole);
  } finally {
    client.disconnect();
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
