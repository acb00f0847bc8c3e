import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createRateLimiter,
  type RateLimiter,
  RateLimiterClosedError,
} from '../../../src/shared/rate-limiter/index.js';
import { freePort } from '../../support/free-port.js';
import { LimiterCloud } from '../../support/limiter-cloud.js';
import { LimiterWorker } from '../../support/limiter-fleet.js';
import { PrivateRedis } from '../../support/private-redis.js';

describe('createRateLimiter', () => {
  let redis: PrivateRedis;
  let opened: RateLimiter | undefined;
  const logger = { info: vi.fn(), warn: vi.fn() };

  beforeEach(async () => {
    vi.clearAllMocks();
    redis = await PrivateRedis.start({ appendOnly: false });
  });

  afterEach(async () => {
    await opened?.close();
    opened = undefined;
    await redis.stop();
  });

  const create = (url = redis.url) => {
    opened = createRateLimiter({
      redis: url,
      keyPrefix: '{life}',
      bucket: 'b',
      callsPerSecond: 100,
      logger,
    });
    return opened;
  };

  it('refuses a key prefix that a Redis Cluster would scatter', () => {
    expect(() => createRateLimiter({ redis: redis.url, keyPrefix: 'life', bucket: 'b' })).toThrow(RangeError);
  });

  it('hands out permits in the order of asking', async () => {
    const limiter = create();
    const order: number[] = [];
    await Promise.all([0, 1, 2, 3, 4, 5].map((number) => limiter.acquire().then(() => order.push(number))));
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('hands the next permit to urgent waiters, before all others', async () => {
    const limiter = create();
    const order: string[] = [];
    const acquire = (name: string, isUrgent: boolean) =>
      limiter.acquire({ isUrgent }).then(() => order.push(name));
    await Promise.all([
      acquire('first', false),
      acquire('second', false),
      acquire('urgent', true),
      acquire('urgent too', true),
    ]);
    expect(order).toEqual(['urgent', 'urgent too', 'first', 'second']);
  });

  it('lets a waiting caller go when its signal aborts, and serves the next', async () => {
    const limiter = create();
    const impatient = new AbortController();
    const first = limiter.acquire({ signal: impatient.signal });
    const second = limiter.acquire();
    impatient.abort(new Error('changed my mind'));
    await expect(first).rejects.toThrow('changed my mind');
    expect((await second).mayLeave()).toBe(true);
    await expect(limiter.acquire({ signal: impatient.signal })).rejects.toThrow('changed my mind');
  });

  it('rejects those who wait when it is closed, and those who ask later', async () => {
    const limiter = create();
    const waiting = limiter.acquire();
    await Promise.all([limiter.close(), limiter.close()]);
    await expect(waiting).rejects.toBeInstanceOf(RateLimiterClosedError);
    await expect(limiter.acquire()).rejects.toBeInstanceOf(RateLimiterClosedError);
  });

  it('takes back permits when it is closed', async () => {
    const limiter = create();
    const permit = await limiter.acquire();
    await limiter.close();
    expect(permit.mayLeave()).toBe(false);
  });

  it('waits for a Redis that is not there yet, says so once, and goes on by itself', async () => {
    await redis.kill();
    const limiter = create();
    const waiting = limiter.acquire();
    await vi.waitFor(() => expect(logger.warn).toHaveBeenCalledOnce());
    await redis.restart();
    expect((await waiting).mayLeave()).toBe(true);
    expect(logger.warn.mock.calls.map(([, message]) => message)).toEqual(['rate limiter waits for Redis']);
    expect(logger.info).toHaveBeenCalledOnce();
  });

  it('closes at once while Redis is away', async () => {
    const limiter = create(`redis://127.0.0.1:${await freePort()}`);
    const waiting = limiter.acquire();
    waiting.catch(() => {});
    await vi.waitFor(() => expect(logger.warn).toHaveBeenCalled());
    const startedAt = performance.now();
    await limiter.close();
    expect(performance.now() - startedAt).toBeLessThan(200);
    await expect(waiting).rejects.toBeInstanceOf(RateLimiterClosedError);
  });

  it('does no harm when a throttled call cannot be shared', async () => {
    const limiter = create(`redis://127.0.0.1:${await freePort()}`);
    await limiter.reportThrottled();
    expect(limiter.stats()).toMatchObject({ throttled: 1, permits: 0 });
  });
});

describe('a process with a rate limiter', () => {
  it.each(['running', 'stopped'])('ends by itself once it is closed, with Redis %s', async (state) => {
    const redis = await PrivateRedis.start({ appendOnly: false });
    const cloud = await LimiterCloud.listen();
    const worker = new LimiterWorker({ redisUrl: redis.url, cloudPort: cloud.port });
    try {
      await cloud.next(5);
      if (state === 'stopped') {
        await redis.kill();
        await worker.logged('lost its connection');
      }
      expect((await worker.close()).tookMs).toBeLessThan(200);
      expect(worker.process.exitCode).toBe(0);
      expect(worker.unhandled).toEqual([]);
    } finally {
      await worker.kill();
      cloud.close();
      await redis.stop();
    }
  });
});
