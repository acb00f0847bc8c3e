import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectToTestRedis, freshPrefix } from '../../support/test-prefix.js';

const folder = new URL('../../../src/worker/call-limiter/', import.meta.url);
const pace = readFileSync(new URL('pace.lua', folder), 'utf8');
const report = pace + readFileSync(new URL('report-refusal.lua', folder), 'utf8');
const shareAt = `${pace}\nreturn string.format('%.6f', pace_at(KEYS[1], tonumber(ARGV[1])).share)`;

describe('the pace after refusals', () => {
  let redis: Redis;
  let settingsKey: string;
  let paceKey: string;

  beforeAll(() => {
    redis = connectToTestRedis();
  });
  beforeEach(() => {
    const prefix = freshPrefix();
    settingsKey = `${prefix}:settings`;
    paceKey = `${prefix}:pace`;
  });
  afterAll(() => redis.disconnect());

  const share = async (now: number) => Number(await redis.eval(shareAt, 1, paceKey, now));
  const refuse = () => redis.eval(report, 2, settingsKey, paceKey, 52) as Promise<[number, string]>;
  /** Makes the last refusal seem to be older. */
  const age = async (ms: number) => redis.hincrby(paceKey, 'refusedAt', -ms);
  const refusedAt = async () => Number(await redis.hget(paceKey, 'refusedAt'));

  it('is full before any refusal', async () => {
    expect(await share(Date.now())).toBe(1);
  });

  it('counts several refusals of one burst once', async () => {
    const [first, spacing] = await refuse();
    const [second, again] = await refuse();
    expect([first, second]).toEqual([1, 0]);
    expect(Number(spacing)).toBeCloseTo(52 / 0.85, 2);
    expect(Number(again)).toBeCloseTo(Number(spacing), 1);
  });

  it('goes down in bigger steps when refusals follow each other', async () => {
    await refuse();
    await age(1_500);
    const [, spacing] = await refuse();
    expect(52 / Number(spacing)).toBeLessThan(0.7 * 0.95);
  });

  it('comes back near the refused rate fast, stays there, and then leaves it behind', async () => {
    await redis.hset(paceKey, { peak: 0.5, base: 0.425, refusedAt: 1_000_000 });
    const shareAfter = (seconds: number) => share(1_000_000 + seconds * 1_000);
    expect(await shareAfter(0)).toBeCloseTo(0.425, 5);
    expect(await shareAfter(4)).toBeGreaterThan(0.48);
    expect(await shareAfter(8)).toBeCloseTo(0.5, 3);
    expect(await shareAfter(12)).toBeLessThan(0.52);
    expect(await shareAfter(25)).toBe(1);
  });

  it.each([0.05, 0.25, 0.5, 0.75, 1])(
    'is full again within 25 s of a refusal at %d of the rate',
    async (peak) => {
      await redis.hset(paceKey, { peak, base: Math.max(peak * 0.85, 0.05), refusedAt: 1_000_000 });
      expect(await share(1_025_000)).toBe(1);
    },
  );

  it('never goes below a twentieth, so that it notices when the bucket is free again', async () => {
    for (let refusal = 0; refusal < 20; refusal++) {
      await refuse();
      await age(1_001);
    }
    expect(await share(await refusedAt())).toBeCloseTo(0.05, 5);
  });

  it('does not believe a refusal from the future', async () => {
    await redis.hset(paceKey, { peak: 0.5, base: 0.425, refusedAt: 1_000_000 });
    expect(await share(900_000)).toBe(1);
  });

  it('keeps everybody silent for a moment, and makes no state where there is none', async () => {
    await refuse();
    expect(await redis.exists(settingsKey)).toBe(0);

    await redis.hset(settingsKey, 'nextRequest', 0);
    await age(2_000);
    await refuse();
    const pushedBy = Number(await redis.hget(settingsKey, 'nextRequest')) - (await refusedAt());
    expect(pushedBy).toBe(300);
  });
});
