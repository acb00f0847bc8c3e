import { afterEach, describe, expect, it } from 'vitest';
import { mostInOneSecond } from '../../../support/limiter-cloud.js';
import { LimiterScene } from '../../../support/limiter-scene.js';

describe('the shared rate limiter', { timeout: 60_000 }, () => {
  let scene: LimiterScene;

  afterEach(async () => {
    expect(await scene.stop()).toEqual([]);
  });

  it('lets four processes make at least 19 calls a second together, and never more than 20', async () => {
    scene = await LimiterScene.start({ workers: [{}, {}, {}, {}] });
    await scene.allCalling();
    await scene.untilRate(19, 3_000);
    const { calls } = scene.cloud;
    expect(mostInOneSecond(calls)).toBeLessThanOrEqual(20);
  });

  it('gives a process alone the whole rate, also when each call needs some work first', async () => {
    scene = await LimiterScene.start({ workers: [{ workMs: 3 }] });
    await scene.allCalling();
    await scene.untilRate(19, 3_000);
    const { calls } = scene.cloud;
    expect(mostInOneSecond(calls)).toBeLessThanOrEqual(20);
  });

  it('counts a call from when it left, so that no second is too full when calls leave late', async () => {
    scene = await LimiterScene.start({ workers: [{ coldMs: 150 }, { coldMs: 150 }] });
    await scene.allCalling();
    const calls = await scene.cloud.during(8_000);
    expect(mostInOneSecond(calls)).toBeLessThanOrEqual(20);
    expect(calls.length).toBeGreaterThan(60);
  });

  it('keeps to the clock of Redis, whatever the clocks of the processes say', async () => {
    const skews = [2_000, -2_000, 15_000, 3_600_000];
    scene = await LimiterScene.start({ workers: skews.map((clockSkewMs) => ({ clockSkewMs })) });
    await scene.allCalling();
    await scene.untilRate(19, 3_000);
    const { calls } = scene.cloud;
    expect(mostInOneSecond(calls)).toBeLessThanOrEqual(20);
    const callers = new Set(calls.map(({ from }) => from));
    expect(callers.size).toBe(skews.length);
    for (const caller of callers) {
      expect(calls.filter(({ from }) => from === caller).length).toBeGreaterThan(calls.length / 10);
    }
  });

  it('shares one schedule between processes that are set to different rates, and says so', async () => {
    scene = await LimiterScene.start({ workers: [{ callsPerSecond: 20 }, { callsPerSecond: 10 }] });
    await scene.allCalling();
    const calls = await scene.cloud.during(4_000);
    expect(mostInOneSecond(calls)).toBeLessThanOrEqual(20);
    await scene.worker(0).logged('another call rate');
  });
});
