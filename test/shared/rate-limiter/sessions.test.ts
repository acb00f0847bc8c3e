import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRateLimiter, type RateLimiter } from '../../../src/shared/rate-limiter/index.js';
import { planLimiter } from '../../../src/shared/rate-limiter/limiter-plan.js';
import { windowMs } from '../../../src/shared/rate-limiter/window.js';
import { PrivateRedis } from '../../support/private-redis.js';

const keyPrefix = '{sessions}';
const bucket = 'b';
const plan = planLimiter(keyPrefix, bucket, 20);

let redis: PrivateRedis;
let admin: Redis;
let opened: RateLimiter[];
const logger = { info: vi.fn(), warn: vi.fn() };

beforeEach(async () => {
  vi.clearAllMocks();
  redis = await PrivateRedis.start();
  admin = new Redis(redis.url);
  admin.on('error', () => {}); // some tests take Redis away
  opened = [];
});

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(opened.map((limiter) => limiter.close()));
  admin.disconnect();
  await redis.stop();
});

function create(callsPerSecond = 20): RateLimiter {
  const limiter = createRateLimiter({ redis: redis.url, keyPrefix, bucket, callsPerSecond, logger });
  opened.push(limiter);
  return limiter;
}

/** Since when the log is complete, by the clock of Redis. */
async function logSince(): Promise<number> {
  return -Number(await admin.zscore(plan.logKey, 'since'));
}

async function use(limiter: RateLimiter): Promise<void> {
  const permit = await limiter.acquire();
  expect(permit.mayLeave()).toBe(true);
  permit.noteSent();
}

describe('a rate limiter that comes to a Redis', () => {
  it('takes the log of the same server process for true', async () => {
    await use(create());
    const since = await logSince();
    await use(create());
    expect(await logSince()).toBe(since);
  });

  it('does not trust what another server process has read from its disk', async () => {
    await use(create());
    await opened[0]?.close();
    await redis.kill();
    await redis.restart();
    const restartedAt = Date.now();
    await use(create());
    expect(await logSince()).toBeGreaterThanOrEqual(restartedAt);
    expect(Date.now() - (await logSince())).toBeGreaterThanOrEqual(windowMs);
  });

  it('waits for the end of workers of version 0.1.0, whose calls are not in the log', async () => {
    await admin.zadd(plan.clientsBeforeKey, Date.now(), 'worker');
    const limiter = create();
    const acquired = limiter.acquire();
    await vi.waitFor(() => expect(logger.warn).toHaveBeenCalled(), { timeout: 5_000 });
    expect(logger.warn.mock.calls[0]?.[0].err.message).toContain('version 0.1.0');
    expect(limiter.stats().permits).toBe(0);
    await admin.zadd(plan.clientsBeforeKey, Date.now() - 8_000, 'worker');
    expect((await acquired).mayLeave()).toBe(true);
  });
});

describe('a rate limiter whose clock, or that of Redis, jumps', () => {
  it('voids the permits of before, and begins the log again', async () => {
    const limiter = create();
    await use(limiter);
    const held = await limiter.acquire();
    const since = await logSince();
    const realNow = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => realNow() - 5_000); // the machine was suspended
    await use(limiter);
    expect(held.mayLeave()).toBe(false);
    expect(await logSince()).toBeGreaterThan(since);
    expect(limiter.stats().reconnects).toBe(1);
  });
});

describe('a permit', () => {
  it('that is given back goes to the next waiter at once', async () => {
    const limiter = create(1);
    const unused = await limiter.acquire();
    const next = limiter.acquire();
    unused.giveBack();
    const startedAt = performance.now();
    expect((await next).mayLeave()).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(windowMs / 2);
  });

  it('that is given back where nobody waits goes to whoever asks next, in another process', async () => {
    const [one, other] = [create(1), create(1)];
    const unused = await one.acquire();
    unused.giveBack();
    await vi.waitFor(async () => expect(await admin.zcard(plan.logKey)).toBe(1));
    const startedAt = performance.now();
    await use(other);
    expect(performance.now() - startedAt).toBeLessThan(windowMs / 2);
  });

  it('that is acquired ahead comes as much earlier as getting ready took, and may not leave before it is due', async () => {
    const limiter = create(2);
    for (let call = 0; call < 5; call++) {
      const permit = await limiter.acquire({ isAhead: true });
      const acquiredAt = performance.now();
      await vi.waitUntil(() => performance.now() > acquiredAt + 100); // a claim and a signature
      await permit.whenDue();
      expect(permit.mayLeave()).toBe(true);
      permit.noteSent();
    }
    const permit = await limiter.acquire({ isAhead: true });
    const acquiredAt = performance.now();
    await permit.whenDue();
    expect(performance.now() - acquiredAt).toBeGreaterThan(5);
    expect(permit.mayLeave()).toBe(true);
  });

  it('that nobody waits for any more is given back', async () => {
    const limiter = create(1);
    await use(limiter);
    const impatient = new AbortController();
    const waiting = limiter.acquire({ signal: impatient.signal });
    await vi.waitFor(async () => expect(await admin.zcard(plan.logKey)).toBe(3), { timeout: 3_000 });
    impatient.abort(new Error('changed my mind'));
    await expect(waiting).rejects.toThrow('changed my mind');
    await vi.waitFor(() => expect(limiter.stats().givenBack).toBe(1), { timeout: 3_000 });
  });
});
