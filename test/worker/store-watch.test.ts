import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { StoreWatch } from '../../src/worker/store-watch.js';
import { CapturedLog } from '../support/captured-log.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../support/test-prefix.js';

describe('the watch over the data in Redis', () => {
  const client = connectToTestRedis();
  const prefix = freshPrefix();
  const key = `${prefix}:store`;

  afterEach(() => removeKeysOf(client, prefix));
  afterAll(() => client.disconnect());

  it('tells every worker once that they are gone, and nobody while they are there', async () => {
    const log = new CapturedLog();
    const watches = [1, 2].map(() => new StoreWatch({ client, key, logger: log.logger }));
    const look = () => Promise.all(watches.map((watch) => watch.look()));
    expect([await look(), await look()]).toEqual([
      [false, false],
      [false, false],
    ]);
    await client.del(key);
    expect([await look(), await look()]).toEqual([
      [true, true],
      [false, false],
    ]);
    expect(log.saying('Redis has lost its data')).toHaveLength(2);
  });
});
