import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { createRedisClient } from '../../../../src/shared/redis-connection.js';
import {
  createSharedCallLimiter,
  type SharedCallLimiter,
} from '../../../../src/worker/call-limiter/index.js';
import { freePort } from '../../../support/free-port.js';
import { PrivateRedis } from '../../../support/private-redis.js';

describe('the shared call limiter', () => {
  let redis: PrivateRedis;
  let limiter: SharedCallLimiter;

  afterEach(async () => {
    await limiter.close();
    await redis.stop();
  });

  async function expectSlots(): Promise<void> {
    for (let count = 0; count < 5; count++) {
      const slot = await limiter.take();
      expect(slot.isUsable()).toBe(true);
    }
    await limiter.reportRefusal();
    expect(limiter.stats().spacingMs).toBeGreaterThan(52);
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
    limiter = createSharedCallLimiter({ redis: url, keyPrefix: '{setups}', bucket: 'b' });
    await expectSlots();
  });

  it('works with a patient client of a factory', async () => {
    redis = await PrivateRedis.start({ appendOnly: false });
    const { url } = redis;
    const factory = () => createRedisClient({ url, patience: 'patient' });
    limiter = createSharedCallLimiter({ redis: factory, keyPrefix: '{setups}', bucket: 'b' });
    await expectSlots();
  });

  it.each(['+info', '-info'])('needs no more rights than docs/limiter.md names (%s)', async (info) => {
    redis = await PrivateRedis.start({ appendOnly: false });
    const admin = new Redis(redis.url);
    const rights = ['~b_{setups}:*', '&b_{setups}:*', '+@all', '-@dangerous', '-@admin', info];
    await admin.call('ACL', 'SETUSER', 'limiter', 'on', '>secret', ...rights);
    admin.disconnect();
    const url = `redis://limiter:secret@127.0.0.1:${redis.port}`;
    limiter = createSharedCallLimiter({ redis: url, keyPrefix: '{setups}', bucket: 'b' });
    await expectSlots();
  });

  it('shares nothing between buckets', async () => {
    redis = await PrivateRedis.start({ appendOnly: false });
    limiter = createSharedCallLimiter({
      redis: redis.url,
      keyPrefix: '{setups}',
      bucket: 'CancelInvocation',
    });
    const other = createSharedCallLimiter({
      redis: redis.url,
      keyPrefix: '{setups}',
      bucket: 'DescribeTasks',
    });
    await Promise.all([limiter.take(), other.take()]);
    await limiter.reportRefusal();
    await other.take();
    expect(other.stats().spacingMs).toBe(52);
    await other.close();
  });
});
