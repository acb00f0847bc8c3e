import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callRate, mostInOneSecond } from '../../../support/limiter-cloud.js';
import { LimiterScene } from '../../../support/limiter-scene.js';

describe('the shared rate limiter when one of four processes fails', { timeout: 60_000 }, () => {
  let scene: LimiterScene;

  beforeAll(async () => {
    scene = await LimiterScene.start({ workers: [{}, {}, {}, {}] });
    await scene.allCalling();
    await scene.cloud.next(20);
  });

  afterAll(async () => {
    expect(await scene.stop()).toEqual([]);
  });

  async function expectSteadiness(): Promise<void> {
    await scene.untilRate(18.5, 2_000);
    expect(mostInOneSecond(scene.cloud.calls)).toBeLessThanOrEqual(20);
  }

  it('lets no permit of its past be used when it is stopped for 3 s and goes on', async () => {
    scene.worker(0).process.kill('SIGSTOP');
    await scene.cloud.during(3_000);
    scene.worker(0).process.kill('SIGCONT');
    await scene.cloud.next(5);
    await expectSteadiness();
  });

  it('lets no permit be used late when its event loop is blocked for 1.5 s', async () => {
    scene.worker(0).block(1_500);
    await expectSteadiness();
    expect((await scene.worker(0).stats()).late).toBeGreaterThan(0);
  });

  it('gives its share to the others when it is killed', async () => {
    await scene.worker(0).kill();
    await expectSteadiness();
  });
});

describe('a process whose event loop is always late', { timeout: 60_000 }, () => {
  let scene: LimiterScene;

  afterAll(async () => {
    expect(await scene.stop()).toEqual([]);
  });

  it('gets permits all the same, and keeps the limit', async () => {
    scene = await LimiterScene.start({ workers: [{ busyMs: 120 }] });
    await scene.allCalling();
    const calls = await scene.cloud.during(3_000);
    expect(callRate(calls)).toBeGreaterThan(5);
    expect(mostInOneSecond(scene.cloud.calls)).toBeLessThanOrEqual(20);
  });
});
