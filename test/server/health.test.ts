import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BlockedStateStore } from '../../src/shared/blocked-state.js';
import { PrivateRedis } from '../support/private-redis.js';
import { RedisProxy } from '../support/redis-proxy.js';
import { ServerScene, secrets } from '../support/server-scene.js';
import { waitUntil } from '../support/wait-until.js';

const token = secrets.operate;
const body = { targets: [{ invocationId: 'inv-00000001', instanceIds: ['ins-00000001'] }] };

async function timed<Value>(work: Promise<Value>): Promise<[Value, number]> {
  const startedAt = performance.now();
  return [await work, performance.now() - startedAt];
}

/** Every route that needs Redis, by how it is asked. */
const asked: readonly [string, string, object?][] = [
  ['GET', '/v1/overview'],
  ['POST', '/v1/cancel-requests', body],
  ['GET', '/v1/cancel-requests'],
  ['GET', '/v1/cancel-requests/req-0'],
  ['GET', '/v1/cancel-requests/req-0/instances'],
  ['GET', '/v1/cancel-requests/req-0/events'],
  ['POST', '/v1/cancel-requests/req-0/withdraw', {}],
  ['GET', '/v1/instances/ins-00000001'],
  ['GET', '/v1/dead-letters'],
  ['GET', '/v1/dead-letters/groups'],
  ['GET', '/v1/dead-letters/export'],
  ['GET', '/v1/dead-letters/req-0.0.letter'],
  ['POST', '/v1/dead-letters/redrive', { filter: {} }],
  ['POST', '/v1/dead-letters/discard', { filter: {}, reason: 'test' }],
  ['POST', '/v1/queue/pause', {}],
  ['POST', '/v1/queue/resume', {}],
  ['GET', '/queues/api/queues?activeQueue=tat-cancel&page=1&jobsPerPage=10'],
  ['PUT', '/queues/api/queues/tat-cancel-dead-letter/req-0.0.letter/retry', {}],
  ['GET', '/readyz'],
];

describe('health', () => {
  let redis: PrivateRedis;
  let scene: ServerScene;
  beforeEach(async () => {
    redis = await PrivateRedis.start();
    scene = await ServerScene.start({ redisUrl: redis.url, redisPatienceMs: 600 });
  });
  afterEach(async () => {
    await redis.restart().catch(() => {}); // some tests have it running
    await scene.close();
    await redis.stop();
  });

  it('is told without a token and without a secret', async () => {
    const live = await scene.call('GET', '/livez');
    expect([live.status, live.body]).toMatchObject([200, { status: 'ok' }]);
    const ready = await scene.call('GET', '/readyz');
    expect([ready.status, ready.body]).toMatchObject([200, { status: 'ready', held: null }]);
    expect(ready.text).not.toContain('127.0.0.1');
  });

  it('says that work is held, and goes on taking requests', async () => {
    await new BlockedStateStore(scene.redis, scene.prefix).raise({
      code: 'AuthFailure.SecretIdNotFound',
      message: 'no such key',
      region: 'ap-singapore',
      since: 1_700_000_000_000,
      worker: 'w1',
      scope: 'everything',
    });
    const ready = await scene.call('GET', '/readyz');
    expect([ready.status, ready.body.held]).toEqual([
      200,
      {
        scope: 'everything',
        code: 'AuthFailure.SecretIdNotFound',
        since: 1_700_000_000_000,
        why: 'The SecretId is absent, deleted or disabled.',
        advice: expect.stringContaining('Put a valid key in place'),
      },
    ]);
    expect((await scene.call('POST', '/v1/cancel-requests', { token, body })).status).toBe(202);
  });

  it('is not ready on a Redis that may forget requests', async () => {
    await scene.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const ready = await scene.call('GET', '/readyz');
    expect([ready.status, ready.body.problem.code]).toEqual([503, 'REDIS_UNFIT']);
    expect((await scene.call('GET', '/livez')).status).toBe(200);
  });

  it('answers every route in time with 503 and Retry-After while Redis is away, and works when it is back', async () => {
    expect((await scene.call('GET', '/v1/overview', { token })).status).toBe(200);
    await redis.kill();
    for (const [method, path, sent] of asked) {
      const [answer, ms] = await timed(
        scene.call(method, path, { token, ...(sent === undefined ? {} : { body: sent }) }),
      );
      expect([path, answer.status]).toEqual([path, 503]);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect([path, ms < 3_000]).toEqual([path, true]);
      const isKept = method === 'POST' && path === '/v1/cancel-requests';
      expect([path, answer.text.includes('Idempotency-Key')]).toEqual([path, isKept]);
      expect(answer.text).not.toContain(String(redis.port));
    }
    expect((await scene.call('GET', '/metrics', { token })).text).toContain('tat_cancel_redis_up 0');
    expect((await scene.call('GET', '/livez')).status).toBe(200);
    await redis.restart();
    await waitUntil('the server takes requests again', async () => {
      return (await scene.call('POST', '/v1/cancel-requests', { token, body })).status === 202;
    });
  });

  it('answers in time when Redis is slow', async () => {
    const proxy = await RedisProxy.start(redis.port);
    const slow = await ServerScene.start({ redisUrl: proxy.url, redisPatienceMs: 600 });
    try {
      expect((await slow.call('GET', '/v1/overview', { token })).status).toBe(200);
      proxy.delayMs = 5_000;
      for (const [method, path, sent] of asked) {
        const [answer, ms] = await timed(
          slow.call(method, path, { token, ...(sent === undefined ? {} : { body: sent }) }),
        );
        expect([path, answer.status, ms < 3_000]).toEqual([path, 503, true]);
      }
    } finally {
      proxy.delayMs = 0;
      await slow.close();
      await proxy.stop();
    }
  }, 60_000);
});

describe('a server that starts while Redis is away', () => {
  it('says so and works as soon as Redis is there', async () => {
    const redis = await PrivateRedis.start();
    await redis.kill();
    const scene = await ServerScene.start({ redisUrl: redis.url, redisPatienceMs: 600 });
    try {
      expect((await scene.call('POST', '/v1/cancel-requests', { token, body })).status).toBe(503);
      await redis.restart();
      await waitUntil('the server takes requests', async () => {
        return (await scene.call('POST', '/v1/cancel-requests', { token, body })).status === 202;
      });
    } finally {
      await scene.close();
      await redis.stop();
    }
  });
});
