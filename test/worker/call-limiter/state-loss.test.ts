import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { longestGap, mostInOneSecond } from '../../support/limiter-cloud.js';
import { LimiterScene } from '../../support/limiter-scene.js';

describe('the shared call limiter when its state is lost', { timeout: 40_000 }, () => {
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

  /** Looks at the seconds before, during and after. */
  async function expectRecovery(withinMs: number): Promise<void> {
    const harmed = await scene.cloud.next(30);
    await scene.untilRate(18.5, 2_000);
    expect(mostInOneSecond(scene.cloud.calls)).toBeLessThanOrEqual(20);
    expect(longestGap(harmed)).toBeLessThan(withinMs);
  }

  it('goes on after FLUSHALL', async () => {
    await redis.flushall();
    await expectRecovery(1_500);
  });

  it('goes on after each of its keys was deleted', async () => {
    const keys = await redis.keys('b_*');
    expect(keys.length).toBeGreaterThan(2);
    for (const key of keys) {
      await redis.del(key);
      await scene.cloud.next(2);
    }
    await expectRecovery(1_500);
  });

  it('goes on after its schedule was overwritten with nonsense', async () => {
    const [settingsKey = ''] = await redis.keys('b_*_settings');
    await redis.hset(settingsKey, 'nextRequest', Date.now() + 3_600_000);
    await expectRecovery(1_500);
    await redis.hdel(settingsKey, 'nextRequest');
    await expectRecovery(1_500);
  });

  it('does not even notice SCRIPT FLUSH', async () => {
    for (let time = 0; time < 5; time++) {
      await redis.script('FLUSH');
      await scene.cloud.next(5);
    }
    await expectRecovery(600);
  });

  it('goes on after its connections were cut, without a pause as the server is the same', async () => {
    for (let time = 0; time < 3; time++) {
      await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await scene.cloud.next(10);
    }
    await expectRecovery(900);
  });
});
