import { describe, expect } from 'vitest';
import { it } from '../support/installed-test.js';
import { PrivateRedis } from '../support/private-redis.js';
import { addTargets } from '../support/request-truth.js';

describe('waiting for the end of a request', { timeout: 60_000 }, () => {
  it('ends with the reason of the signal', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const { producer } = installation;
    const { requestId } = await producer.enqueue({ targets: addTargets(installation, 1, 1) });
    const giveUp = new AbortController();
    const waiting = producer.waitUntilFinished(requestId, { signal: giveUp.signal });
    const reason = new Error('the operator went home');
    giveUp.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(producer.waitUntilFinished(requestId, { signal: giveUp.signal })).rejects.toBe(reason);
    await expect(
      producer.waitUntilFinished(requestId, { signal: AbortSignal.timeout(50) }),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('ends so at once while Redis gives no answer', async ({ install }) => {
    const redis = await PrivateRedis.start();
    const installation = await install({ redisUrl: redis.url, workers: 0 });
    const { producer } = installation;
    const { requestId } = await producer.enqueue({ targets: addTargets(installation, 1, 1) });
    process.kill(redis.pid, 'SIGSTOP');
    const signal = AbortSignal.timeout(100);
    const startedAtMs = performance.now();
    await expect(producer.waitUntilFinished(requestId, { signal })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(performance.now() - startedAtMs).toBeLessThan(3_000);
    process.kill(redis.pid, 'SIGCONT');
    await installation.close();
    await redis.stop();
  });

  it('outlives a restart of Redis', async ({ install }) => {
    const redis = await PrivateRedis.start({ directives: [['appendfsync', 'always']] });
    const installation = await install({ redisUrl: redis.url, workers: 0 });
    const { producer } = installation;
    const { requestId } = await producer.enqueue({ targets: addTargets(installation, 3, 2) });
    const waiting = producer.waitUntilFinished(requestId);
    await redis.kill();
    await expect(producer.status(requestId)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await redis.restart();
    installation.startWorker();
    expect(await waiting).toMatchObject({ state: 'finished', counts: { terminated: 6 } });
    await installation.close();
    await redis.stop();
  });
});
