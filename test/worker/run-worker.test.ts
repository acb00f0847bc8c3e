import { expect, it, vi } from 'vitest';
import { createLogger } from '../../src/shared/logger.js';
import { runWorker } from '../../src/worker/run-worker.js';
import { readWorkerSettings } from '../../src/worker/worker-settings.js';
import { freePort } from '../support/free-port.js';
import { PrivateRedis } from '../support/private-redis.js';

it('tells probes that it lives while it waits for Redis, and that it is ready once it works', async () => {
  const redis = await PrivateRedis.start();
  const port = await freePort();
  const settings = readWorkerSettings({
    REDIS_URL: redis.url,
    METRICS_PORT: String(port),
    TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR',
    TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key',
    // Nothing listens there: a worker without work calls nobody.
    TAT_ENDPOINT: 'http://127.0.0.1:9',
  });
  const statusOf = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  await redis.kill();
  const stop = new AbortController();
  const running = runWorker(settings, createLogger({ level: 'silent', name: 'test' }), stop.signal);
  await vi.waitFor(async () => expect(await statusOf('/livez')).toBe(200), { timeout: 10_000 });
  expect(await statusOf('/readyz')).toBe(503);
  expect(await statusOf('/')).toBe(404);
  await redis.restart();
  await vi.waitFor(async () => expect(await statusOf('/readyz')).toBe(200), { timeout: 10_000 });
  expect(await statusOf('/metrics')).toBe(200);
  stop.abort();
  await running;
  await expect(statusOf('/livez')).rejects.toThrow('fetch failed');
  await redis.stop();
});
