import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { mostInOneSecond } from '../../../support/limiter-cloud.js';
import { LimiterScene } from '../../../support/limiter-scene.js';

describe('the shared rate limiter while Redis is away', { timeout: 60_000 }, () => {
  let scene: LimiterScene;

  afterEach(async () => {
    expect(await scene.stop()).toEqual([]);
  });

  async function startCalling(appendOnly: boolean): Promise<void> {
    scene = await LimiterScene.start({ workers: [{}, {}, {}, {}], appendOnly });
    await scene.allCalling();
    await scene.cloud.next(20);
  }

  async function expectRecovery(): Promise<void> {
    await scene.cloud.next(20);
    await scene.untilRate(18.5, 2_000);
    expect(mostInOneSecond(scene.cloud.calls)).toBeLessThanOrEqual(20);
    const waits = scene.workers.flatMap(({ logs }) =>
      logs.filter(({ message }) => message.includes('waits')),
    );
    expect(waits.length).toBeLessThanOrEqual(scene.workers.length);
  }

  it('goes on when Redis comes back empty', async () => {
    await startCalling(false);
    await scene.redis.kill();
    await Promise.all(scene.workers.map((worker) => worker.logged('waits for Redis')));
    await scene.redis.restart();
    await expectRecovery();
  });

  it('goes on when Redis comes back with its data', async () => {
    await startCalling(true);
    await scene.redis.kill();
    await Promise.all(scene.workers.map((worker) => worker.logged('waits for Redis')));
    await scene.redis.restart();
    await expectRecovery();
  });

  it('goes on when Redis hung for longer than a command may take', async () => {
    await startCalling(false);
    const redis = new Redis(scene.redis.url);
    await redis.client('PAUSE', 4_000, 'ALL');
    redis.disconnect();
    await Promise.all(scene.workers.map((worker) => worker.logged('lost its connection')));
    await expectRecovery();
  });
});
