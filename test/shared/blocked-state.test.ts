import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BlockedState, BlockedStateStore } from '../../src/shared/blocked-state.js';
import { describeBlocked } from '../../src/shared/blocked-words.js';
import { redisKeys } from '../../src/shared/redis-keys.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../support/test-prefix.js';

const state: BlockedState = {
  code: 'UnsupportedRegion',
  message: 'no',
  region: 'ap-nowhere',
  since: 1_700_000_000_000,
  worker: 'w1',
  scope: 'region',
};

let client: Redis;
let prefix: string;
let store: BlockedStateStore;

beforeAll(() => {
  client = connectToTestRedis();
});
beforeEach(() => {
  prefix = freshPrefix();
  store = new BlockedStateStore(client, prefix);
});
afterAll(async () => {
  await removeKeysOf(client, prefix);
  client.disconnect();
});

describe('what is blocked', () => {
  it('is nothing at first', async () => {
    expect(await store.readAll()).toEqual({ held: undefined, partial: new Map() });
  });

  it('is read as it was raised, all or in part, until it is cleared', async () => {
    await store.raise({ ...state, scope: 'everything' });
    await store.raisePartial('a', state);
    const { held, partial } = await store.readAll();
    expect(held).toEqual({ ...state, scope: 'everything' });
    expect([...partial]).toEqual([['a', state]]);
    await store.clear();
    await store.clearPartial('a');
    expect(await store.readAll()).toEqual({ held: undefined, partial: new Map() });
  });

  it('keeps its first reason, unless a new one is to replace it', async () => {
    await store.raisePartial('a', state);
    await store.raisePartial('a', { ...state, code: 'Later' });
    expect((await store.readAll()).partial.get('a')?.code).toBe('UnsupportedRegion');
    await store.raisePartial('a', { ...state, code: 'Later' }, 'replace');
    expect((await store.readAll()).partial.get('a')?.code).toBe('Later');
  });

  it('ends by itself when nothing more is heard of it', async () => {
    await client.hset(redisKeys(prefix).blocked, 'old', `1700000000000\n${JSON.stringify(state)}`);
    expect((await store.readAll()).partial.size).toBe(0);
    await store.raisePartial('a', state);
    expect(await client.hkeys(redisKeys(prefix).blocked)).toEqual(['a']);
  });

  it('is understood as version 0.1.0 wrote it', async () => {
    const { scope: _scope, ...old } = state;
    await client.set(redisKeys(prefix).held, JSON.stringify(old));
    expect((await store.readAll()).held).toEqual({ ...state, scope: 'everything' });
  });

  it('still blocks when somebody wrote nonsense by hand', async () => {
    await client.set(redisKeys(prefix).held, 'by hand');
    await store.raisePartial('a', 'nonsense' as unknown as BlockedState);
    await client.hset(redisKeys(prefix).blocked, 'b', 'nonsense');
    const { held, partial } = await store.readAll();
    expect(held?.code).toBe('Unreadable');
    expect([...partial.keys()]).toEqual(['a']);
  });

  it.each<[Partial<BlockedState>, string]>([
    [{}, 'Calls for region ap-nowhere are blocked.'],
    [{ scope: 'access-point', accessPoint: 'tat.x' }, 'Calls to tat.x are blocked.'],
    [{ scope: 'access-point' }, 'All calls are blocked.'],
    [{ scope: 'targets', targets: 1 }, 'One refused target is blocked.'],
    [{ scope: 'targets', targets: 40 }, '40 refused targets are blocked.'],
    [{ scope: 'everything' }, 'All calls are blocked.'],
  ])('is told in plain words: %o', (changes, what) => {
    expect(describeBlocked({ ...state, ...changes }).what).toBe(what);
  });
});
