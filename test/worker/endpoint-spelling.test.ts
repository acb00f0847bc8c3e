import { describe, expect } from 'vitest';
import { createLogger } from '../../src/shared/logger.js';
import { runWorker } from '../../src/worker/run-worker.js';
import { readWorkerSettings } from '../../src/worker/worker-settings.js';
import { mostWithin, starvedMs } from '../support/calls-in-a-window.js';
import { EventLoopLag } from '../support/event-loop-lag.js';
import { it } from '../support/installed-test.js';
import { addTargets } from '../support/request-truth.js';

describe('two workers whose endpoints differ in spelling only', () => {
  it('share one call limit', { timeout: 60_000 }, async ({ install }) => {
    const installation = await install({ workers: 0, simulator: { callsPerSecond: 1_000 } });
    const { simulator, producer, redisUrl, prefix } = installation;
    const { port } = new URL(simulator.url);
    const lag = new EventLoopLag();
    const stop = new AbortController();
    const running = [`http://127.0.0.1:${port}`, `HTTP://127.1.:0${port}/`].map((endpoint) => {
      const settings = readWorkerSettings({
        REDIS_URL: redisUrl,
        QUEUE_PREFIX: prefix,
        TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR',
        TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key',
        TAT_ENDPOINT: endpoint,
      });
      return runWorker(settings, createLogger({ level: 'silent', name: 'test' }), stop.signal);
    });
    await producer.enqueue({ targets: addTargets(installation, 70, 1), confirm: false });
    await simulator.record.waitForCalls(70, 'CancelInvocation');
    const calls = simulator.record.calls('CancelInvocation');
    expect(mostWithin(1_000 - starvedMs, calls, lag)).toBeLessThanOrEqual(20);
    lag.stop();
    stop.abort();
    await Promise.all(running);
  });
});
