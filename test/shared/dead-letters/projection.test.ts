import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeadLetterProjection, DeadLetterStore } from '../../../src/shared/dead-letters/index.js';
import { deadLetterQueueName } from '../../../src/shared/queue-names.js';
import { redisKeys } from '../../../src/shared/redis-keys.js';
import type { DeadLetter } from '../../../src/shared/schemas.js';
import { buryRequests } from '../../support/buried-requests.js';
import { plantDeadLetter } from '../../support/planted-letters.js';
import { openDeadLetters } from '../../support/test-dead-letters.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../../support/test-prefix.js';

let client: Redis;
let prefix: string;
let store: DeadLetterStore;
let projection: DeadLetterProjection;

beforeAll(() => {
  client = connectToTestRedis();
});
beforeEach(() => {
  prefix = freshPrefix();
  store = new DeadLetterStore(client, prefix);
  projection = new DeadLetterProjection(client, prefix, 4);
});
afterEach(async () => {
  await projection.close();
  await removeKeysOf(client, prefix);
});
afterAll(() => client.disconnect());

async function shown(): Promise<string[]> {
  const jobs = await projection.queue.getJobs(['waiting'], 0, -1, true);
  return jobs.map((job) => String(job.id)).sort();
}

const letterOf = (number: number) => `req-dead-${number}.0.letter`;
const everything = { selection: { filter: {} }, by: 'tester' };

describe('the queue that shows dead letters', () => {
  it('has the latest of them, with what they say', async () => {
    await buryRequests(client, { prefix, requests: 3 });
    await projection.refresh();
    expect(await shown()).toEqual([0, 1, 2].map(letterOf));
    const [job] = await projection.queue.getJobs(['waiting'], 0, 0, true);
    expect(job?.data).toMatchObject({
      error: { code: 'NotConfirmed' },
      target: { instanceIds: { length: 2 } },
    });
    await plantDeadLetter(client, prefix, 'late.0.letter', {
      ...(job?.data as DeadLetter),
      deadAt: new Date(Date.now() + 60_000).toISOString(),
    });
    await plantDeadLetter(client, prefix, 'later.0.letter', {
      ...(job?.data as DeadLetter),
      deadAt: new Date(Date.now() + 61_000).toISOString(),
    });
    await projection.refresh();
    expect(await shown()).toHaveLength(4);
    expect(await shown()).toEqual(expect.arrayContaining(['late.0.letter', 'later.0.letter']));
  });

  it('comes back when it was emptied by hand', async () => {
    await buryRequests(client, { prefix, requests: 3 });
    await projection.refresh();
    await projection.queue.obliterate({ force: true });
    await projection.queue.resume();
    await projection.refresh();
    expect(await shown()).toEqual([0, 1, 2].map(letterOf));
  });

  it('loses those that were dealt with, and keeps what others put there', async () => {
    await buryRequests(client, { prefix, requests: 3 });
    await projection.refresh();
    await projection.queue.add('of-another-tool', {} as DeadLetter, { jobId: 'foreign' });
    const ids = [letterOf(0), letterOf(2)];
    await openDeadLetters({ redis: client, prefix }).discard({ selection: { ids }, by: 'tester' }, 'test');
    await projection.refresh();
    expect(await shown()).toEqual(['foreign', letterOf(1)]);
    await expect(store.count()).resolves.toBe(1);
  });

  it('decides nothing: what is removed from it stays a dead letter, and what is changed in it changes none', async () => {
    await buryRequests(client, { prefix, requests: 2 });
    await projection.refresh();
    await projection.queue.remove(letterOf(0));
    await client.hset(projection.queue.toKey(letterOf(1)), 'data', '{}');
    await expect(projection.takeOver()).resolves.toBe(0);
    const { deadLetters } = await store.list({ code: 'NotConfirmed' }, { limit: 10 });
    expect(deadLetters.map(({ id }) => id)).toEqual([letterOf(0), letterOf(1)]);
  });

  it('stays short, however many there are', async () => {
    await buryRequests(client, { prefix, requests: 1_300, instances: 1 });
    await projection.refresh();
    expect(await shown()).toHaveLength(4);
    expect((await client.keys(`${prefix}:${deadLetterQueueName}:req-*`)).length).toBe(4);
  });
});

/** As 0.1.0 kept dead letters: in its BullMQ queue, with numbers, and those on their way there in an outbox. */
async function leaveAs010(queued: number, options: { inOutbox?: number } = {}): Promise<void> {
  const requests = queued + (options.inOutbox ?? 0);
  await buryRequests(client, { prefix, requests });
  const keys = redisKeys(prefix);
  const texts = await client.hgetall(keys.deadLetters);
  const { deadLetters } = await store.list({}, { limit: requests });
  const queue = new Queue(deadLetterQueueName, { connection: client, prefix, skipVersionCheck: true });
  for (const [index, { id, ...letter }] of deadLetters.entries()) {
    if (index < queued) {
      await client.zadd(keys.deadLetterOrder, index + 1, id);
      await queue.add('dead-letter', letter, { jobId: id, attempts: 1, removeOnFail: false });
    } else {
      await client.hset(keys.deadLetterOutbox, id, texts[id] ?? '');
    }
  }
  await queue.close();
  await client.del(keys.deadLetters, keys.deadLetterIndex, keys.deadLetterCounts);
  for (let number = 0; number < requests; number++)
    await client.hdel(keys.request(`req-dead-${number}`), 'd:0');
}

describe('dead letters of 0.1.0', () => {
  it('are taken over with all they say, whether in the queue or on their way there', async () => {
    await buryRequests(client, { prefix, requests: 7 });
    const before = await store.list({}, { limit: 100 });
    await removeKeysOf(client, prefix);
    await leaveAs010(5, { inOutbox: 2 });
    await expect(projection.takeOver()).resolves.toBe(7);
    const after = await store.list({}, { limit: 100 });
    const facts = ({ deadLetters }: typeof before) =>
      deadLetters.map(({ id, requestId, jobId, target, error, attempts, history }) => ({
        ...{ id, requestId, jobId, target, error, attempts },
        history: history.map(({ code }) => code),
      }));
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
    expect(facts(after).sort(byId)).toEqual(facts(before).sort(byId));
    await expect(store.groups()).resolves.toMatchObject([
      { code: 'NotConfirmed', letters: 7, instances: 14 },
    ]);
    expect(await client.exists(redisKeys(prefix).deadLetterOutbox)).toBe(0);
    await projection.refresh();
    expect(await shown()).toHaveLength(4);
  });

  it('can be redriven, and do not come back, however often they are taken over', async () => {
    await leaveAs010(6, { inOutbox: 1 });
    await projection.takeOver();
    await expect(projection.takeOver()).resolves.toBe(0);
    const result = await openDeadLetters({ redis: client, prefix }).redrive(everything);
    expect(result).toMatchObject({ letters: 7, instances: 14, unknown: [] });
    await expect(new DeadLetterProjection(client, prefix).takeOver()).resolves.toBe(0);
    await expect(store.count()).resolves.toBe(0);
    await projection.refresh();
    expect(await shown()).toEqual([]);
  });

  it('that somebody had dealt with stay dealt with', async () => {
    await leaveAs010(3);
    await client.hset(redisKeys(prefix).handledLetters, letterOf(1), 'discarded');
    await expect(projection.takeOver()).resolves.toBe(2);
    await expect(store.read(letterOf(1))).resolves.toBeUndefined();
    await projection.refresh();
    expect(await shown()).toEqual([letterOf(0), letterOf(2)]);
    expect(await client.exists(redisKeys(prefix).handledLetters)).toBe(0);
  });

  it('are taken over when a worker of 0.1.0 brings one more', async () => {
    await leaveAs010(2);
    await projection.takeOver();
    await projection.refresh();
    const letter = await store.read(letterOf(0));
    const { id: _id, ...data } = letter ?? expect.fail('the letter is gone');
    await projection.queue.add('dead-letter', data, { jobId: 'req-late.0.letter' });
    await expect(projection.takeOver()).resolves.toBe(1);
    await expect(store.count()).resolves.toBe(3);
  });

  it('that cannot be read say so', async () => {
    await leaveAs010(2);
    await client.hset(projection.queue.toKey(letterOf(0)), 'data', 'nonsense');
    await client.del(projection.queue.toKey(letterOf(1)));
    await client.set(projection.queue.toKey(letterOf(1)), 'no hash');
    await expect(projection.takeOver()).resolves.toBe(2);
    const { deadLetters } = await store.list({ code: 'UnreadableLetter' }, { limit: 10 });
    expect(deadLetters.map(({ id }) => id)).toEqual([letterOf(0), letterOf(1)]);
    await projection.refresh();
    expect(await shown()).toEqual([letterOf(0), letterOf(1)]);
  });
});
