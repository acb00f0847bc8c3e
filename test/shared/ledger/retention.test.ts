import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { InstanceReader, Ledger, RequestStatusReader, Retention } from '../../../src/shared/ledger/index.js';
import { redisKeys } from '../../../src/shared/redis-keys.js';
import { buryRequests } from '../../support/buried-requests.js';
import { openDeadLetters } from '../../support/test-dead-letters.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../../support/test-prefix.js';

const hourMs = 3_600_000;

let client: Redis;
let prefix: string;
let ledger: Ledger;
let retention: Retention;
let requests: RequestStatusReader;

beforeAll(() => {
  client = connectToTestRedis();
});
beforeEach(() => {
  prefix = freshPrefix();
  ledger = new Ledger(client, prefix);
  retention = new Retention(client, prefix);
  requests = new RequestStatusReader(client, prefix);
});
afterEach(async () => {
  vi.useRealTimers();
  await removeKeysOf(client, prefix);
});
afterAll(() => client.disconnect());

const instanceId = (part: number) => `ins-${String(part).padStart(8, '0')}`;

/** A finished request of so many parts, each with an instance of its own. */
async function finish(requestId: string, parts: number): Promise<void> {
  const { sequence } = await ledger.accept({
    ...{ requestId, fingerprint: requestId, priority: 'normal' },
    facts: { priority: 'normal', confirm: '1' },
    jobs: Array.from({ length: parts }, (_, part) => ({
      region: 'ap-tokyo',
      invocationId: `inv-${String(part).padStart(8, '0')}`,
      instanceIds: [instanceId(part)],
    })),
  });
  for (let part = 0; part < parts; part++) await ledger.indexInstances(sequence, part, [instanceId(part)]);
  await ledger.withdraw(requestId);
}

/** What is kept of requests; counters and marks of pools serve all of them. */
async function kept(): Promise<string[]> {
  const keys = await client.keys(`${prefix}:ledger:*`);
  return keys.filter((key) => /:request:|:pool:|:later:|:instances:|:settled$|:requests$/.test(key));
}

describe('retention', () => {
  it('leaves nothing of a request', async () => {
    await finish('r1', 3);
    await finish('r2', 1);
    expect(await retention.removeSome(0, 1_000)).toBe(2);
    expect(await kept()).toEqual([]);
  });

  it('goes by the clock of Redis, whatever that of the worker says', async () => {
    await finish('r1', 1);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 8 * 24 * hourMs });
    expect(await retention.removeSome(hourMs, 1_000)).toBe(0);
    expect(await requests.read('r1')).toBeDefined();
  });

  it('takes a large request away in small steps, which may be broken off', async () => {
    await finish('large', 1_200);
    await finish('small', 1);
    const key = redisKeys(prefix).request('large');
    let before = 0;
    for (let steps = 0; ; steps++) {
      const removed = await retention.removeSome(0, 0);
      const at = Number(await client.hget(key, 'removedParts'));
      if (removed > 0) {
        expect(steps).toBeGreaterThan(3);
        break;
      }
      expect(at - before).toBeGreaterThan(0);
      expect(at - before).toBeLessThanOrEqual(500);
      before = at;
    }
    await retention.removeSome(0, 1_000);
    expect(await kept()).toEqual([]);
    expect(await new InstanceReader(client, prefix).find(instanceId(1_199))).toEqual([]);
  });

  it('keeps what other requests asked for of the same instance', async () => {
    await finish('r1', 1);
    await ledger.accept({
      ...{
        requestId: 'r2',
        fingerprint: 'r2',
        priority: 'normal',
        facts: { priority: 'normal', confirm: '1' },
      },
      jobs: [{ region: 'ap-tokyo', invocationId: 'inv-00000009', instanceIds: [instanceId(0)] }],
    });
    await retention.removeSome(0, 1_000);
    expect(await new InstanceReader(client, prefix).find(instanceId(0))).toMatchObject([{ requestId: 'r2' }]);
  });

  it('waits for the last dead letter of a request, however many were counted as discarded', async () => {
    await buryRequests(client, { prefix, requests: 1 });
    const key = redisKeys(prefix).request('req-dead-0');
    await client.hset(key, 'discarded', 1_000);
    expect(await retention.removeSome(0, 1_000)).toBe(0);
    const order = { selection: { filter: {} }, by: 'tester' };
    await openDeadLetters({ redis: client, prefix }).discard(order, 'test');
    await client.zadd(redisKeys(prefix).settled, 1, 'req-dead-0'); // as if the day were over
    expect(await retention.removeSome(0, 1_000)).toBe(1);
    expect(await client.exists(key)).toBe(0);
  });

  it('lets one that was changed by hand keep no other', async () => {
    await finish('r1', 1);
    await finish('r2', 1);
    await client.del(redisKeys(prefix).request('r1'));
    await client.set(redisKeys(prefix).request('r1'), 'no hash');
    expect(await retention.removeSome(0, 1_000)).toBe(2);
    expect(await requests.read('r2')).toBeUndefined();
  });
});
