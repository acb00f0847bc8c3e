import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { StoreWatch } from '../../src/worker/store-watch.js';
import { CapturedLog } from '../support/captured-log.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../support/test-prefix.js';

describe('the watch over the data in Redis', () => {
  const client = connectToTestRedis();
  const prefix = freshPrefix();
  const key = `${prefix}:store`;

  afterEach(async () => {
    vi.useRealTimers();
    await removeKeysOf(client, prefix);
  });
  afterAll(() => client.disconnect());

  it('tells every worker once that they are gone, and nobody while they are there', async () => {
    const log = new CapturedLog();
    const watches = [1, 2].map(() => new StoreWatch({ client, key, logger: log.logger }));
    const look = () => Promise.all(watches.map((watch) => watch.look()));
    expect([await look(), await look()]).toEqual([
      ['unchanged', 'unchanged'],
      ['unchanged', 'unchanged'],
    ]);
    await client.del(key);
    expect([await look(), await look()]).toEqual([
      ['lost', 'lost'],
      ['unchanged', 'unchanged'],
    ]);
    expect(log.saying('Redis has lost its data')).toHaveLength(2);
  });

  it('remembers what a worker wrote over an outage of many minutes', async () => {
    const watch = new StoreWatch({ client, key, logger: new CapturedLog().logger });
    await watch.look();
    const [countKey = ''] = (await client.keys(`${key}:*`)).sort();
    await watch.look();
    expect(await client.pttl(countKey)).toBeGreaterThan(3_600_000);
    await client.set(countKey, 1, 'KEEPTTL'); // a replica that had only this
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    vi.advanceTimersByTime(20 * 60_000);
    expect(await watch.look()).toBe('set back');
  });

  it('says nothing after a suspension in which its own count was forgotten', async () => {
    const watch = new StoreWatch({ client, key, logger: new CapturedLog().logger });
    await watch.look();
    await client.del(await client.keys(`${key}:*`));
    vi.useFakeTimers({ toFake: ['Date'] }); // the monotonic clock stood still
    vi.advanceTimersByTime(48 * 3_600_000);
    expect(await watch.look()).toBe('unchanged');
  });

  it('tells a worker once that what it wrote last is gone, and not the one that had written before', async () => {
    const log = new CapturedLog();
    const [early, late] = [1, 2].map(() => new StoreWatch({ client, key, logger: log.logger }));
    await late?.look();
    await early?.look();
    const keys = (await client.keys(`${key}*`)).sort();
    const saved = await Promise.all(keys.map((each) => client.get(each)));
    expect(await late?.look()).toBe('unchanged');
    await client.mset(...keys.flatMap((each, index) => [each, saved[index] ?? '']));
    expect([await early?.look(), await late?.look(), await late?.look()]).toEqual([
      'unchanged',
      'set back',
      'unchanged',
    ]);
    expect(log.saying('Redis has lost its latest writes')).toHaveLength(1);
  });
});
