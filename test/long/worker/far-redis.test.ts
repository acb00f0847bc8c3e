import { describe, expect } from 'vitest';
import { FaultProxy } from '../../support/fault-proxy.js';
import { it } from '../../support/installed-test.js';
import { countsOf, untilFinished } from '../../support/outcomes.js';
import { PrivateRedis } from '../../support/private-redis.js';

describe('a worker whose Redis is 40 ms away', () => {
  it('begins with the first jobs of a backlog, and not when it has taken all that it may hold', async ({
    install,
  }) => {
    const redis = await PrivateRedis.start();
    const proxy = await FaultProxy.start(redis.port);
    proxy.delay = () => 20;
    const installation = await install({ workers: 0, redisUrl: redis.url });
    const { simulator, producer } = installation;
    const targets = simulator
      .addInvocations(200)
      .map(({ invocationId, instanceIds }) => ({ invocationId, instanceIds: [...instanceIds] }));
    const { requestId } = await producer.enqueue({ targets, confirm: false });
    const startedAt = performance.now();
    const worker = installation.startWorker({ redisUrl: proxy.url });
    await simulator.record.waitForCalls(1, 'CancelInvocation');
    expect(performance.now() - startedAt).toBeLessThan(5_000); // 200 round trips take 8 s
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 200 });
    await worker.close(5_000);
    await installation.close();
    await proxy.stop();
    await redis.stop();
  });
});
