import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectToTestRedis, freshPrefix } from '../../support/test-prefix.js';

const folder = new URL('../../../src/shared/rate-limiter/', import.meta.url);
const shareLua = readFileSync(new URL('rate-share.lua', folder), 'utf8');
const report = shareLua + readFileSync(new URL('report-throttled.lua', folder), 'utf8');
const shareAt = `${shareLua}\nreturn string.format('%.6f', rate_share_at(KEYS[1], tonumber(ARGV[1])).share)`;

describe('the share of the rate after throttled calls', () => {
  let redis: Redis;
  let shareKey: string;

  beforeAll(() => {
    redis = connectToTestRedis();
  });
  beforeEach(() => {
    const prefix = freshPrefix();
    shareKey = `${prefix}:share`;
  });
  afterAll(() => redis.disconnect());

  const share = async (now: number) => Number(await redis.eval(shareAt, 1, shareKey, now));
  const throttle = () => redis.eval(report, 1, shareKey, 52) as Promise<[number, string]>;
  /** Makes the last refusal seem to be older. */
  const age = async (ms: number) => redis.hincrby(shareKey, 'refusedAt', -ms);
  const refusedAt = async () => Number(await redis.hget(shareKey, 'refusedAt'));

  it('is full before any throttled call', async () => {
    expect(await share(Date.now())).toBe(1);
  });

  it('counts several throttled calls of one burst once', async () => {
    const [first, spacing] = await throttle();
    const [second, again] = await throttle();
    expect([first, second]).toEqual([1, 0]);
    expect(Number(spacing)).toBeCloseTo(52 / 0.85, 2);
    expect(Number(again)).toBeCloseTo(Number(spacing), 0);
  });

  it('goes down in bigger steps when throttled calls follow each other', async () => {
    await throttle();
    await age(1_500);
    const [, spacing] = await throttle();
    expect(52 / Number(spacing)).toBeLessThan(0.7 * 0.95);
  });

  it('comes back near the throttled rate fast, stays there, and then leaves it behind', async () => {
    await redis.hset(shareKey, { peak: 0.5, base: 0.425, refusedAt: 1_000_000 });
    const shareAfter = (seconds: number) => share(1_000_000 + seconds * 1_000);
    expect(await shareAfter(0)).toBeCloseTo(0.425, 5);
    expect(await shareAfter(4)).toBeGreaterThan(0.48);
    expect(await shareAfter(8)).toBeCloseTo(0.5, 3);
    expect(await shareAfter(12)).toBeLessThan(0.52);
    expect(await shareAfter(25)).toBe(1);
  });

  it.each([0.05, 0.25, 0.5, 0.75, 1])(
    'is full again within 25 s of a throttled call at %d of the rate',
    async (peak) => {
      await redis.hset(shareKey, { peak, base: Math.max(peak * 0.85, 0.05), refusedAt: 1_000_000 });
      expect(await share(1_025_000)).toBe(1);
    },
  );

  it('never goes below a twentieth, so that it notices when the bucket is free again', async () => {
    for (let refusal = 0; refusal < 20; refusal++) {
      await throttle();
      await age(1_001);
    }
    expect(await share(await refusedAt())).toBeCloseTo(0.05, 5);
  });

  it('does not believe a throttled call from the future', async () => {
    await redis.hset(shareKey, { peak: 0.5, base: 0.425, refusedAt: 1_000_000 });
    expect(await share(900_000)).toBe(1);
  });

  it('keeps everybody silent for a moment', async () => {
    await throttle();
    expect(Number(await redis.hget(shareKey, 'silentUntil')) - (await refusedAt())).toBe(300);
  });
});
