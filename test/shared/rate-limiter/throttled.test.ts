import { afterEach, describe, expect, it } from 'vitest';
import { callRate, mostInOneSecond } from '../../support/limiter-cloud.js';
import { LimiterScene } from '../../support/limiter-scene.js';

describe('the shared rate limiter when the cloud throttles calls', { timeout: 60_000 }, () => {
  let scene: LimiterScene;

  afterEach(async () => {
    expect(await scene.stop()).toEqual([]);
  });

  it('slows all processes down until they fit beside a foreign client', async () => {
    scene = await LimiterScene.start({ workers: [{}, {}, {}, {}], quota: 20 });
    await scene.allCalling();
    const stopForeignClient = scene.cloud.startForeignClient(10);
    await scene.cloud.during(5_000);
    const calls = await scene.cloud.during(5_000);
    stopForeignClient();
    const refused = calls.filter((call) => call.refused);
    expect(refused.length).toBeLessThanOrEqual(10);
    expect(callRate(calls)).toBeGreaterThan(7);
    expect(mostInOneSecond(scene.cloud.calls)).toBeLessThanOrEqual(20);
    for (const worker of scene.workers) expect((await worker.stats()).intervalMs).toBeGreaterThan(70);
  });
});
