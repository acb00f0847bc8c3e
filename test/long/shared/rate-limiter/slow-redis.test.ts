import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mostInOneSecond } from '../../../support/limiter-cloud.js';
import { type Delay, LimiterProxy } from '../../../support/limiter-proxy.js';
import { LimiterScene } from '../../../support/limiter-scene.js';

describe('the shared rate limiter far from Redis', { timeout: 60_000 }, () => {
  let scene: LimiterScene;
  let proxies: LimiterProxy[];

  beforeEach(async () => {
    scene = await LimiterScene.start({ workers: [] });
    proxies = [];
  });

  afterEach(async () => {
    expect(await scene.stop()).toEqual([]);
    await Promise.all(proxies.map((proxy) => proxy.stop()));
  });

  async function startWorkers(count: number, delay: Delay): Promise<void> {
    for (let index = 0; index < count; index++) {
      const proxy = await LimiterProxy.start(scene.redis.port, delay);
      proxies.push(proxy);
      scene.addWorker({ redisUrl: proxy.url });
    }
  }

  it('loses nothing of the rate when each way takes a random time of up to 200 ms', async () => {
    await startWorkers(4, () => Math.random() * 200);
    await scene.cloud.next(60); // by now the processes know the way
    await scene.untilRate(18, 3_000);
    expect(mostInOneSecond(scene.cloud.calls)).toBeLessThanOrEqual(20);
  });

  it('gives one process alone the whole rate over a way of 30 ms', async () => {
    await startWorkers(1, () => 30);
    await scene.cloud.next(40);
    await scene.untilRate(18, 3_000);
    expect(mostInOneSecond(scene.cloud.calls)).toBeLessThanOrEqual(20);
  });
});
