import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SharedCallLimiter } from '../../../src/worker/call-limiter/index.js';
import { CallLimiterClosedError, createSharedCallLimiter } from '../../../src/worker/call-limiter/index.js';
import { freePort } from '../../support/free-port.js';
import { LimiterCloud } from '../../support/limiter-cloud.js';
import { LimiterWorker } from '../../support/limiter-fleet.js';
import { PrivateRedis } from '../../support/private-redis.js';

describe('createSharedCallLimiter', () => {
  let redis: PrivateRedis;
  let opened: SharedCallLimiter | undefined;
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
    opened = createSharedCallLimiter({
      redis: url,
      keyPrefix: '{life}',
      bucket: 'b',
      callsPerSecond: 100,
      logger,
    });
    return opened;
  };

  it('refuses a key prefix that a Redis Cluster would scatter', () => {
    expect(() => createSharedCallLimiter({ redis: redis.url, keyPrefix: 'life', bucket: 'b' })).toThrow(
      RangeError,
    );
  });

  it('hands out slots in the order of asking', async () => {
    const limiter = create();
    const order: number[] = [];
    await Promise.all([0, 1, 2, 3, 4, 5].map((number) => limiter.take().then(() => order.push(number))));
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('hands the next slot to those who missed one, before all who ask for the first time', async () => {
    const limiter = create();
    const order: string[] = [];
    const take = (name: string, hasMissed: boolean) =>
      limiter.take(undefined, hasMissed).then(() => order.push(name));
    await Promise.all([take('new', false), take('newer', false), take('missed', true), take('too', true)]);
    expect(order).toEqual(['missed', 'too', 'new', 'newer']);
  });

  it('lets a waiting caller go when its signal aborts, and serves the next', async () => {
    const limiter = create();
    const impatient = new AbortController();
    const first = limiter.take(impatient.signal);
    const second = limiter.take();
    impatient.abort(new Error('changed my mind'));
    await expect(first).rejects.toThrow('changed my mind');
    expect((await second).isUsable()).toBe(true);
    await expect(limiter.take(impatient.signal)).rejects.toThrow('changed my mind');
  });

  it('puts the schedule off for a call that left late also if the connection was lost meanwhile', async () => {
    const limiter = create();
    const slot = await limiter.take();
    const admin = new Redis(redis.url);
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await vi.waitUntil(() => !slot.isUsable());
    const wentOutAt = performance.now() + 40;
    await vi.waitUntil(() => performance.now() > wentOutAt);
    slot.noteSent();
    await limiter.take();
    const [settings = ''] = await admin.keys('b_{life}*_settings');
    await vi.waitUntil(async () => Number(await admin.hget(settings, 'postponed')) > 0);
    admin.disconnect();
  });

  it('rejects those who wait when it is closed, and those who ask later', async () => {
    const limiter = create();
    const waiting = limiter.take();
    await Promise.all([limiter.close(), limiter.close()]);
    await expect(waiting).rejects.toBeInstanceOf(CallLimiterClosedError);
    await expect(limiter.take()).rejects.toBeInstanceOf(CallLimiterClosedError);
  });

  it('takes back slots when it is closed', async () => {
    const limiter = create();
    const slot = await limiter.take();
    expect(slot.isUsable()).toBe(true);
    await limiter.close();
    expect(slot.isUsable()).toBe(false);
  });

  it('waits for a Redis that is not there yet, says so once, and goes on by itself', async () => {
    await redis.kill();
    const limiter = create();
    const waiting = limiter.take();
    await vi.waitFor(() => expect(logger.warn).toHaveBeenCalledOnce());
    await redis.restart();
    expect((await waiting).isUsable()).toBe(true);
    expect(logger.warn.mock.calls.map(([, message]) => message)).toEqual([
      'The call limiter waits for Redis',
    ]);
    expect(logger.info).toHaveBeenCalledOnce();
  });

  it('closes at once while Redis is away', async () => {
    const limiter = create(`redis://127.0.0.1:${await freePort()}`);
    const waiting = limiter.take();
    waiting.catch(() => {});
    await vi.waitFor(() => expect(logger.warn).toHaveBeenCalled());
    const startedAt = performance.now();
    await limiter.close();
    expect(performance.now() - startedAt).toBeLessThan(200);
    await expect(waiting).rejects.toBeInstanceOf(CallLimiterClosedError);
  });

  it('does no harm when a refusal cannot be shared', async () => {
    const limiter = create(`redis://127.0.0.1:${await freePort()}`);
    await limiter.reportRefusal();
    expect(limiter.stats()).toMatchObject({ refusals: 1, slots: 0 });
  });
});

describe('a process with a call limiter', () => {
  it.each(['running', 'stopped'])('ends by itself once it is closed, with Redis %s', async (state) => {
    const redis = await PrivateRedis.start({ appendOnly: false });
    const cloud = await LimiterCloud.listen();
    const worker = new LimiterWorker({ redisUrl: redis.url, cloudPort: cloud.port });
    try {
      await cloud.next(5);
      if (state === 'stopped') {
        await redis.kill();
        await worker.logged('lost Redis');
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
