import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeadLetterStore } from '../../../src/shared/dead-letters/index.js';
import { Ledger } from '../../../src/shared/ledger/index.js';
import { redisKeys } from '../../../src/shared/redis-keys.js';
import { openDeadLetters } from '../../support/test-dead-letters.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../../support/test-prefix.js';

const region = 'ap-guangzhou';
const attempt = { at: 1_700_000_000_000, worker: 'w1', code: 'OperationDenied', message: 'no' };

let client: Redis;
let prefix: string;
let ledger: Ledger;
let deadLetters: DeadLetterStore;

beforeAll(() => {
  client = connectToTestRedis();
});
beforeEach(() => {
  prefix = freshPrefix();
  ledger = new Ledger(client, prefix);
  deadLetters = new DeadLetterStore(client, prefix);
});
afterEach(async () => {
  await removeKeysOf(client, prefix);
});
afterAll(() => client.disconnect());

interface Burial {
  readonly requestId: string;
  readonly invocationId?: string;
  readonly code?: string;
  readonly instanceIds?: readonly string[];
}

/** Accepts a request and buries all of it, in the ledger only. */
async function bury({ requestId, invocationId = 'inv-00000001', code, instanceIds }: Burial): Promise<void> {
  await ledger.accept({
    requestId,
    fingerprint: requestId,
    priority: 'normal',
    facts: { confirm: '1' },
    jobs: [{ region, invocationId, ...(instanceIds === undefined ? {} : { instanceIds }) }],
  });
  const ref = `${requestId}.0`;
  const letter = { requestId, jobId: ref, code: code ?? 'OperationDenied', message: 'no' };
  await ledger.settle({
    landed: true,
    leaseMs: 0,
    calls: 0,
    sentAt: 0,
    moves: [{ kind: 'bury', ref, mask: 'd', attempt, letterId: `${ref}.letter`, letter }],
  });
}

async function idsOf(filter: Parameters<DeadLetterStore['list']>[0] = {}): Promise<string[]> {
  const { deadLetters: found } = await deadLetters.list(filter, { limit: 100 });
  return found.map(({ id }) => id);
}

describe('a dead letter', () => {
  it('tells target, reason, attempts and history', async () => {
    await bury({ requestId: 'r1', instanceIds: ['ins-00000001', 'ins-00000002'] });
    const { deadLetters: found } = await deadLetters.list({}, { limit: 10 });
    expect(found).toEqual([
      {
        id: 'r1.0.letter',
        requestId: 'r1',
        jobId: 'r1.0',
        target: { region, invocationId: 'inv-00000001', instanceIds: ['ins-00000001', 'ins-00000002'] },
        error: { code: 'OperationDenied', message: 'no' },
        attempts: 1,
        firstSeenAt: expect.stringMatching(/^\d{4}-.*Z$/),
        deadAt: expect.stringMatching(/^\d{4}-.*Z$/),
        history: [attempt],
      },
    ]);
  });

  it('names no instances for a whole invocation', async () => {
    await bury({ requestId: 'r1' });
    const { deadLetters: found } = await deadLetters.list({}, { limit: 10 });
    expect(found[0]?.target).toEqual({ region, invocationId: 'inv-00000001' });
  });
});

/** Dead letters of the same millisecond stand in the order of their ids. */
async function untilNextMillisecond(): Promise<void> {
  const now = async () => Number((await client.time()).join('').slice(0, 13));
  const before = await now();
  while ((await now()) === before);
}

describe('the list of dead letters', () => {
  beforeEach(async () => {
    await bury({ requestId: 'r1', code: 'OperationDenied' });
    await bury({ requestId: 'r2', code: 'NotConfirmed', invocationId: 'inv-00000002' });
    await bury({ requestId: 'r3', code: 'NotConfirmed' });
  });

  it('begins with the oldest', async () => {
    await expect(idsOf()).resolves.toEqual(['r1.0.letter', 'r2.0.letter', 'r3.0.letter']);
  });

  it('can be narrowed down by code, request and invocation', async () => {
    await expect(idsOf({ code: 'NotConfirmed' })).resolves.toEqual(['r2.0.letter', 'r3.0.letter']);
    await expect(idsOf({ requestId: 'r1' })).resolves.toEqual(['r1.0.letter']);
    await expect(idsOf({ code: 'NotConfirmed', invocationId: 'inv-00000001' })).resolves.toEqual([
      'r3.0.letter',
    ]);
    await expect(idsOf({ code: 'Elsewhere' })).resolves.toEqual([]);
  });

  it('comes in pages, each letter once', async () => {
    const seen: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page: Awaited<ReturnType<DeadLetterStore['list']>> = await deadLetters.list(
        { code: 'NotConfirmed' },
        { limit: 1, ...(cursor === '' ? {} : { cursor }) },
      );
      seen.push(...page.deadLetters.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(['r2.0.letter', 'r3.0.letter']);
  });

  it('says that the last page is the last', async () => {
    await expect(deadLetters.list({}, { limit: 3 })).resolves.not.toHaveProperty('nextCursor');
    await expect(deadLetters.list({}, { limit: 2 })).resolves.toHaveProperty('nextCursor');
  });

  it('refuses a cursor that is none', async () => {
    await expect(deadLetters.list({}, { limit: 1, cursor: 'nonsense' })).rejects.toThrow(RangeError);
  });

  it('says what was changed by hand so that it cannot be read', async () => {
    await client.hset(redisKeys(prefix).deadLetters, 'r2.0.letter', '{"nonsense":true}');
    const { deadLetters: letters } = await deadLetters.list({}, { limit: 10 });
    expect(letters).toHaveLength(3);
    const unreadable = [
      expect.objectContaining({
        id: 'r2.0.letter',
        jobId: '',
        error: expect.objectContaining({ message: expect.stringContaining('nonsense') }),
      }),
    ];
    expect(letters.filter(({ error }) => error.code === 'UnreadableLetter')).toEqual(unreadable);
    const byCode = await deadLetters.list({ code: 'UnreadableLetter' }, { limit: 10 });
    expect(byCode.deadLetters).toEqual(unreadable);
    await expect(idsOf({ code: 'NotConfirmed' })).resolves.toEqual(['r3.0.letter']);
  });

  it('keeps its place while letters before and behind it are removed and new ones come', async () => {
    const desk = openDeadLetters({ redis: client, prefix });
    const discard = (id = '') => desk.discard({ selection: { ids: [id] }, by: 'tester' }, 'test');
    const listed = await deadLetters.list({}, { limit: 2 });
    const [first, second, third] = await idsOf();
    await discard(first);
    await discard(second);
    await untilNextMillisecond();
    await bury({ requestId: 'late', instanceIds: ['ins-00000001'] });
    const next = await deadLetters.list({}, { cursor: listed.nextCursor ?? '', limit: 1 });
    expect(next.deadLetters.map(({ id }) => id)).toEqual([third]);
    await discard(third);
    const last = await deadLetters.list({}, { cursor: next.nextCursor ?? '', limit: 100 });
    expect(last.deadLetters.map(({ id }) => id)).toEqual(['late.0.letter']);
  });

  it('forgets what was removed by hand, in all of its lists and counts', async () => {
    await client.hdel(redisKeys(prefix).deadLetters, 'r2.0.letter');
    await expect(idsOf()).resolves.toEqual(['r1.0.letter', 'r3.0.letter']);
    await expect(deadLetters.count()).resolves.toBe(2);
    await expect(deadLetters.count({ requestId: 'r2' })).resolves.toBe(0);
    await expect(deadLetters.countByCode()).resolves.toEqual(
      new Map([
        ['OperationDenied', 1],
        ['NotConfirmed', 1],
      ]),
    );
  });

  it('counts what fits, and tells groups of it', async () => {
    const now = Date.now() + 60_000;
    await expect(deadLetters.count({ code: 'NotConfirmed', deadBefore: now })).resolves.toBe(2);
    await expect(deadLetters.count({ code: 'NotConfirmed', deadBefore: 1_000 })).resolves.toBe(0);
    await expect(deadLetters.count({ code: 'NotConfirmed', invocationId: 'inv-00000001' })).resolves.toBe(1);
    const groups = await deadLetters.groups();
    expect(groups).toMatchObject([
      {
        code: 'NotConfirmed',
        letters: 2,
        instances: 2,
        examples: [{ id: 'r2.0.letter' }, { id: 'r3.0.letter' }],
      },
      { code: 'OperationDenied', letters: 1, examples: [{ id: 'r1.0.letter' }] },
    ]);
    // Counted one by one it is the same.
    expect(await deadLetters.groups({ deadBefore: now })).toEqual(groups);
  });
});
