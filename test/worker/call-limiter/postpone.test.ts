import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readLua } from '../../../src/worker/call-limiter/hardened-scripts.js';
import { connectToTestRedis, freshPrefix } from '../../support/test-prefix.js';

const script = readLua('postpone.lua');

describe('the schedule, when calls left too late', () => {
  const redis = connectToTestRedis();
  let key: string;

  beforeEach(async () => {
    key = `${freshPrefix()}:settings`;
    await redis.hset(key, 'nextRequest', 10_000);
  });
  afterAll(() => redis.disconnect());

  const postpone = async (tooLateMs: number, postponedMs = 0) =>
    Number(await redis.eval(script, 1, key, tooLateMs, postponedMs));
  const schedule = async () => (await redis.hmget(key, 'nextRequest', 'postponed')).map(Number);

  it('is put off by as much', async () => {
    expect(await postpone(80)).toBe(80);
    expect(await schedule()).toEqual([10_080, 80]);
  });

  it('is put off once for calls that were late together, by the latest of them', async () => {
    expect([await postpone(80), await postpone(50), await postpone(100)]).toEqual([80, 0, 20]);
    expect(await schedule()).toEqual([10_100, 100]);
  });

  it('is put off again for a call whose slot was reserved afterwards', async () => {
    await postpone(80);
    expect(await postpone(50, 80)).toBe(50);
  });

  it('is put off by a second at most, and by no more when it was made anew meanwhile', async () => {
    expect(await postpone(60_000)).toBe(1_000);
    expect(await postpone(30, 5_000)).toBe(30);
  });

  it('is left alone when there is none', async () => {
    await redis.del(key);
    expect(await postpone(80)).toBe(0);
    expect(await redis.exists(key)).toBe(0);
  });
});
