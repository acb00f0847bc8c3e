import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { createRateLimiter, type RateLimiter } from '../../../../src/shared/rate-limiter/index.js';
import { createRedisClient } from '../../../../src/shared/redis-connection.js';
import { freePort } from '../../../support/free-port.js';
import { PrivateRedis } from '../../../support/private-redis.js';

describe('the shared rate limiter', () => {
  let redis: PrivateRedis;
  let limiter: RateLimiter;

  afterEach(async () => {
    await limiter.close();
    await redis.stop();
  });

  async function expectPermits(): Promise<void> {
    for (let count = 0; count < 5; count++) {
      const permit = await limiter.acquire();
      expect(permit.mayLeave()).toBe(true);
      permit.noteSent();
    }
    await limiter.reportThrottled();
    expect(limiter.stats().intervalMs).toBeGreaterThan(52);
  }

  it('works on a Redis Cluster', async () => {
    const directives = [
      ['cluster-enabled', 'yes'],
      ['cluster-announce-ip', '127.0.0.1'],
      ['cluster-port', String(await freePort())], // not 10,000 above the other, where somebody may be
    ] as const;
    redis = await PrivateRedis.start({ appendOnly: false, directives });
    const admin = new Redis(redis.url);
    await admin.cluster('ADDSLOTSRANGE', 0, 16_383);
    admin.disconnect();
    const url = `redis+cluster://127.0.0.1:${redis.port}`;
    limiter = createRateLimiter({ redis: url, keyPrefix: '{setups}', bucket: 'b' });
    await expectPermits();
  });

  it('works with a patient client of a factory', async () => {
    redis = await PrivateRedis.start({ appendOnly: false });
    const { url } = redis;
    const factory = () => createRedisClient({ url, patience: 'patient' });
    limiter = createRateLimiter({ redis: factory, keyPrefix: '{setups}', bucket: 'b' });
    await expectPermits();
  });

  it.each(['+info', '-info'])('needs no more rights than docs/limiter.md names (%s)', async (info) => {
    redis = await PrivateRedis.start({ appendOnly: false });
    const admin = new Redis(redis.url);
    const rights = [
      '~b_{setups}:*',
      '~{setups}:call-limit',
      '&b_{setups}:*',
      '+@all',
      '-@dangerous',
      '-@admin',
      info,
    ];
    await admin.call('ACL', 'SETUSER', 'limiter', 'on', '>secret', ...rights);
    admin.disconnect();
    const url = `redis://limiter:secret@127.0.0.1:${redis.port}`;
    limiter = createRateLimiter({ redis: url, keyPrefix: '{setups}', bucket: 'b' });
    await expectPermits();
  });

  it('shares nothing between buckets', async () => {
    redis = await PrivateRedis.start({ appendOnly: false });
    limiter = createRateLimiter({
      redis: redis.url,
      keyPrefix: '{setups}',
      bucket: 'CancelInvocation',
    });
    const other = createRateLimiter({
      redis: redis.url,
      keyPrefix: '{setups}',
      bucket: 'DescribeTasks',
    });
    await Promise.all([limiter.acquire(), other.acquire()]);
    await limiter.reportThrottled();
    await other.acquire();
    expect(other.stats().intervalMs).toBe(52);
    await other.close();
  });
});
