import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EvictionWatch } from '../../src/worker/eviction-watch.js';
import { CapturedLog } from '../support/captured-log.js';
import { PrivateRedis } from '../support/private-redis.js';
import { connectToTestRedis } from '../support/test-prefix.js';

let server: PrivateRedis;
let client: ReturnType<typeof connectToTestRedis>;

beforeEach(async () => {
  server = await PrivateRedis.start();
  client = connectToTestRedis(server.url);
});
afterEach(async () => {
  vi.useRealTimers();
  client.disconnect();
  await server.stop();
});

it('tells of a Redis that begins to evict keys, once for each change, and not of one that keeps them', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const log = new CapturedLog();
  const watch = new EvictionWatch(client, log.logger);
  const lookAt = async (policy: string) => {
    await client.config('SET', 'maxmemory-policy', policy);
    for (let looks = 0; looks < 2; looks++) {
      vi.advanceTimersByTime(10_000);
      await watch.look();
    }
    return log.saying('Redis evicts keys').length;
  };
  expect(await lookAt('noeviction')).toBe(0);
  expect(await lookAt('allkeys-lru')).toBe(1);
  expect(await lookAt('volatile-ttl')).toBe(2);
  expect(await lookAt('noeviction')).toBe(2);
  expect(await lookAt('allkeys-lru')).toBe(3);
});
