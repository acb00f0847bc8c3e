import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { CallHistory, type CallSecond, historySeconds } from '../../src/shared/call-history.js';
import { redisKeys } from '../../src/shared/redis-keys.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../support/test-prefix.js';
import { waitUntil } from '../support/wait-until.js';

let client: Redis;
let prefix: string;
let history: CallHistory;

beforeAll(() => {
  client = connectToTestRedis();
});
afterAll(() => {
  client.disconnect();
});
beforeEach(() => {
  prefix = freshPrefix();
  history = new CallHistory(client, prefix);
  onTestFinished(() => removeKeysOf(client, prefix));
});

function sumOf(seconds: readonly CallSecond[]) {
  return seconds.reduce(
    (sum, { calls, instances, refusals }) => ({
      calls: sum.calls + calls,
      instances: sum.instances + instances,
      refusals: sum.refusals + refusals,
    }),
    { calls: 0, instances: 0, refusals: 0 },
  );
}

describe('the history of calls', () => {
  it('lists every whole second, with and without calls, and leaves the running one out', async () => {
    await history.record([
      { ageMs: 0, instances: 5, refused: false },
      { ageMs: 3_000, instances: 100, refused: false },
      { ageMs: 3_000, instances: 0, refused: true },
    ]);
    const [now] = await client.time();
    const seconds = await history.read(10);
    expect(seconds).toHaveLength(10);
    expect(seconds.map(({ second }) => second - seconds[0]!.second)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(seconds.at(-1)!.second).toBeGreaterThanOrEqual(Number(now) - 1);
    expect(sumOf(seconds.slice(0, -1))).toEqual({ calls: 2, instances: 100, refusals: 1 });
    const later = await waitUntil('the running second is over', async () => {
      const all = await history.read(30);
      return sumOf(all).calls === 3 ? all : undefined;
    });
    expect(sumOf(later)).toEqual({ calls: 3, instances: 105, refusals: 1 });
  });

  it('adds up what several workers report of the same second', async () => {
    const note = { ageMs: 5_000, instances: 2, refused: false };
    const reports = Array.from({ length: 40 }, () => new CallHistory(client, prefix).record([note, note]));
    await Promise.all(reports);
    expect(sumOf(await history.read(60))).toEqual({ calls: 80, instances: 160, refusals: 0 });
  });

  it('takes more calls than fit into one script', async () => {
    await history.record(
      Array.from({ length: 1_001 }, () => ({ ageMs: 2_000, instances: 1, refused: false })),
    );
    expect(sumOf(await history.read(10)).calls).toBe(1_001);
  });

  it('remembers ten minutes and no more, in a bounded place that goes by itself', async () => {
    const ages = Array.from({ length: 2_000 }, (_, second) => second * 1_000 + 1_000);
    await history.record(ages.map((ageMs) => ({ ageMs, instances: 1, refused: false })));
    const seconds = await history.read(5_000);
    expect(seconds).toHaveLength(historySeconds);
    expect(seconds.every(({ calls }) => calls === 1)).toBe(true);
    const key = redisKeys(prefix).calls;
    expect(await client.hlen(key)).toBeLessThanOrEqual(720);
    expect(await client.ttl(key)).toBeGreaterThan(600);
  });

  it('does not take what stood in the same place of the ring before for this second', async () => {
    const [now] = await client.time();
    const old = Number(now) - 720;
    const fields = Array.from({ length: 10 }, (_, ago) => [(old - ago) % 720, `${old - ago} 9 9 9`]).flat();
    await client.hset(redisKeys(prefix).calls, ...(fields as string[]));
    expect(sumOf(await history.read(5))).toEqual({ calls: 0, instances: 0, refusals: 0 });
    await history.record([{ ageMs: 2_000, instances: 4, refused: false }]);
    expect(sumOf(await history.read(6))).toEqual({ calls: 1, instances: 4, refusals: 0 });
  });
});
