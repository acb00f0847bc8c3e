import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeadLetterProjection, DeadLetterStore } from '../../../src/shared/dead-letters/index.js';
import { RequestStatusReader } from '../../../src/shared/ledger/index.js';
import { redisKeys } from '../../../src/shared/redis-keys.js';
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
  projection = new DeadLetterProjection(client, prefix);
});
afterEach(async () => {
  await projection.close();
  await removeKeysOf(client, prefix);
});
afterAll(() => client.disconnect());

interface StoredKey {
  readonly hash?: Record<string, string>;
  readonly zset?: string[];
  readonly list?: string[];
  readonly stream?: string[][];
  readonly string?: string;
}

/** Puts back what a released version has left in Redis, as it was written by that version. */
async function load(fileName: string): Promise<void> {
  const file = new URL(`../../support/released/${fileName}`, import.meta.url);
  const keys = JSON.parse(readFileSync(file, 'utf8')) as Record<string, StoredKey>;
  for (const [name, { hash, zset = [], list, stream = [], string }] of Object.entries(keys)) {
    const key = prefix + name;
    if (hash !== undefined) await client.hset(key, hash);
    if (list !== undefined) await client.rpush(key, ...list);
    if (string !== undefined) await client.set(key, string);
    for (let at = 0; at < zset.length; at += 2) await client.zadd(key, zset[at + 1] ?? '', zset[at] ?? '');
    for (const fields of stream) await client.xadd(key, '*', ...fields);
  }
}

describe('what 0.1.0 left', () => {
  it('has all of its dead letters, and not the one that was discarded', async () => {
    await load('dead-letters-0.1.0.json');
    await expect(projection.takeOver()).resolves.toBe(5);
    await expect(projection.takeOver()).resolves.toBe(0);
    const { deadLetters } = await store.list({}, { limit: 100 });
    const told = deadLetters.map(({ id, error, target }) => [id, error.code, target.instanceIds]);
    expect(told).toEqual([
      ['orphan.by_hand', 'InvalidJobData', undefined],
      ['req-list.0.0a1b2c3d', 'NotConfirmed', ['ins-00000001', 'ins-00000003']],
      ['req-whole.0.0a1b2c3d', 'ResourceNotFound.InvocationNotFound', undefined],
      ['req-single.0.0a1b2c3d', 'InternalError', ['ins-00000004']],
      ['req-outbox.0.0a1b2c3d', 'NotConfirmed', ['ins-00000006', 'ins-00000007']],
    ]);
    expect(deadLetters[1]).toMatchObject({
      requestId: 'req-list',
      error: { message: 'it said "no": NotConfirmed', cloudRequestId: 'cloud-req-list' },
      attempts: 1,
      history: [{ at: 1_700_000_000_000, worker: 'w1', code: 'NotConfirmed', message: 'no' }],
    });
  });

  it('is redriven, and the requests count on', async () => {
    await load('dead-letters-0.1.0.json');
    await projection.takeOver();
    const everything = { selection: { filter: {} }, by: 'tester' };
    expect(await openDeadLetters({ redis: client, prefix }).redrive(everything)).toMatchObject({
      ...{ letters: 4, instances: 6, unknown: ['orphan.by_hand'] },
    });
    const requests = new RequestStatusReader(client, prefix);
    expect((await requests.read('req-list'))?.counts).toMatchObject({ accepted: 1, waiting: 2 });
    expect((await requests.read('req-whole'))?.counts).toMatchObject({ waiting: 1, 'dead-lettered': 0 });
    expect((await requests.read('req-outbox'))?.counts).toMatchObject({ waiting: 2, 'dead-lettered': 0 });
    expect((await requests.read('req-handled'))?.counts).toMatchObject({ waiting: 0, 'dead-lettered': 1 });
    expect(await client.zcard(redisKeys(prefix).unqueuedPools)).toBe(0); // each has its job in the queue
  });

  it('is shown again in its queue, as what it is now', async () => {
    await load('dead-letters-0.1.0.json');
    await projection.takeOver();
    await projection.refresh();
    const jobs = await projection.queue.getJobs(['waiting'], 0, -1);
    expect(jobs.map(({ id }) => id).sort()).toEqual(
      [
        'orphan.by_hand',
        ...['list', 'outbox', 'single', 'whole'].map((name) => `req-${name}.0.0a1b2c3d`),
      ].sort(),
    );
  });
});
