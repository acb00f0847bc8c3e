import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mostInOneSecond } from '../../../support/limiter-cloud.js';
import { LimiterScene } from '../../../support/limiter-scene.js';

describe('the shared rate limiter when its state is lost', { timeout: 60_000 }, () => {
  let scene: LimiterScene;
  let redis: Redis;

  beforeAll(async () => {
    scene = await LimiterScene.start({ workers: [{}, {}, {}, {}] });
    redis = new Redis(scene.redis.url, { lazyConnect: true });
    await scene.allCalling();
    await scene.cloud.next(20);
  });

  afterAll(async () => {
    redis.disconnect();
    expect(await scene.stop()).toEqual([]);
  });

  async function expectRecovery(): Promise<void> {
    await scene.cloud.next(20);
    await scene.untilRate(18.5, 2_000);
    expect(mostInOneSecond(scene.cloud.calls)).toBeLessThanOrEqual(20);
  }

  it('goes on after FLUSHALL', async () => {
    await redis.flushall();
    await expectRecovery();
  });

  it('goes on after each of its keys was deleted', async () => {
    const keys = await redis.keys('b_*');
    expect(keys.length).toBeGreaterThan(2);
    for (const key of keys) {
      await redis.del(key);
      await scene.cloud.next(2);
    }
    await expectRecovery();
  });

  it('goes on after its schedule was overwritten with nonsense', async () => {
    const [settingsKey = ''] = await redis.keys('b_*_settings');
    await redis.hset(settingsKey, 'nextRequest', Date.now() + 3_600_000);
    await expectRecovery();
    await redis.hdel(settingsKey, 'nextRequest');
    await expectRecovery();
  });

  it('does not even notice SCRIPT FLUSH', async () => {
    for (let time = 0; time < 5; time++) {
      await redis.script('FLUSH');
      await scene.cloud.next(5);
    }
    await expectRecovery();
  });

  it('goes on after its connections were cut again and again', async () => {
    for (let time = 0; time < 3; time++) {
      await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await scene.cloud.next(10);
    }
    await expectRecovery();
  });
});
