import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LiveLimitStore } from '../../../../src/shared/live-limit.js';
import { mostInOneSecond } from '../../../support/limiter-cloud.js';
import { LimiterScene } from '../../../support/limiter-scene.js';

describe('the shared rate limiter under a live limit', { timeout: 60_000 }, () => {
  let scene: LimiterScene;
  let redis: Redis;
  let store: LiveLimitStore;

  beforeEach(async () => {
    scene = await LimiterScene.start({ workers: [{}, {}, {}] });
    redis = new Redis(scene.redis.url);
    store = new LiveLimitStore(redis, '{limiter-test}', 20);
    await scene.allCalling();
    await scene.cloud.next(20);
  });

  afterEach(async () => {
    redis.disconnect();
    expect(await scene.stop()).toEqual([]);
  });

  /** Calls in each second after what was placed before has left. */
  async function callsAfter(change: () => Promise<unknown>, forMs: number) {
    await change();
    await scene.cloud.during(1_000);
    return await scene.cloud.during(forMs);
  }

  it('makes no more calls than that in any second, and as many as before after its reset', async () => {
    const limited = await callsAfter(() => store.set(5, {}), 4_000);
    expect(mostInOneSecond(limited)).toBeLessThanOrEqual(5);
    expect(limited.length).toBeGreaterThan(12);
    await store.reset({});
    await scene.untilRate(18, 2_000);
    expect(mostInOneSecond(scene.cloud.calls)).toBeLessThanOrEqual(20);
  });

  it('keeps to one or the other of two that are set at once, over and over', async () => {
    for (let time = 0; time < 20; time++) {
      await Promise.all([store.set(3, {}), store.set(10, {})]);
      await scene.cloud.next(2);
    }
    const calls = await scene.cloud.during(2_000);
    expect(mostInOneSecond(calls)).toBeLessThanOrEqual(10);
    expect(mostInOneSecond(scene.cloud.calls)).toBeLessThanOrEqual(20);
  });

  it('is lost with the data of Redis, and there is no burst', async () => {
    await callsAfter(() => store.set(5, {}), 1_000);
    await redis.flushall();
    await scene.untilRate(18, 2_000);
    expect(mostInOneSecond(scene.cloud.calls)).toBeLessThanOrEqual(20);
  });
});
