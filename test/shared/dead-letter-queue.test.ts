import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeadLetterOrder } from '../../src/shared/dead-letter-order.js';
import { DeadLetterQueue } from '../../src/shared/dead-letter-queue.js';
import { Ledger } from '../../src/shared/ledger/index.js';
import { redisKeys } from '../../src/shared/redis-keys.js';
import type { DeadLetter } from '../../src/shared/schemas.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../support/test-prefix.js';

const region = 'ap-guangzhou';
const attempt = { at: 1_700_000_000_000, worker: 'w1', code: 'OperationDenied', message: 'no' };

let client: Redis;
let prefix: string;
let ledger: Ledger;
let deadLetters: DeadLetterQueue;

beforeAll(() => {
  client = connectToTestRedis();
});
beforeEach(() => {
  prefix = freshPrefix();
  ledger = new Ledger(client, prefix);
  deadLetters = new DeadLetterQueue(client, prefix);
});
afterEach(async () => {
  await deadLetters.close();
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

function orphan(jobId: string): DeadLetter {
  return {
    requestId: '',
    jobId,
    target: { region, invocationId: 'inv-00000009' },
    error: { code: 'InvalidJobData', message: 'no' },
    attempts: 0,
    firstSeenAt: '2026-01-01T00:00:00.000Z',
    deadAt: '2026-01-01T00:00:00.000Z',
    history: [],
  };
}

async function idsOf(filter: Parameters<DeadLetterQueue['list']>[0] = {}): Promise<string[]> {
  const { deadLetters: found } = await deadLetters.list(filter, { limit: 100 });
  return found.map(({ id }) => id);
}

describe('the outbox of the ledger', () => {
  it('becomes a dead letter that tells target, reason, attempts and history', async () => {
    await bury({ requestId: 'r1', instanceIds: ['ins-00000001', 'ins-00000002'] });
    await expect(deadLetters.flushOutbox()).resolves.toBe(1);
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
    await deadLetters.flushOutbox();
    const { deadLetters: found } = await deadLetters.list({}, { limit: 10 });
    expect(found[0]?.target).toEqual({ region, invocationId: 'inv-00000001' });
  });

  it('is empty afterwards, and bringing nothing brings nothing', async () => {
    await bury({ requestId: 'r1' });
    await deadLetters.flushOutbox();
    await expect(client.exists(ledger.keys.deadLetterOutbox)).resolves.toBe(0);
    await expect(deadLetters.flushOutbox()).resolves.toBe(0);
  });

  it('leaves one letter, however often and by however many it is brought', async () => {
    await bury({ requestId: 'r1' });
    const outbox = await client.hgetall(ledger.keys.deadLetterOutbox);
    const other = new DeadLetterQueue(client, prefix);
    await Promise.all([deadLetters.flushOutbox(), other.flushOutbox(), deadLetters.flushOutbox()]);
    await client.hset(ledger.keys.deadLetterOutbox, outbox); // as if a crash had come before it was emptied
    await other.flushOutbox();
    await other.close();
    await expect(idsOf()).resolves.toEqual(['r1.0.letter']);
  });

  it('of thousands of letters is brought whole', async () => {
    await Promise.all(Array.from({ length: 1_200 }, (_, index) => bury({ requestId: `r${index}` })));
    await deadLetters.flushOutbox();
    await expect(deadLetters.queue.getWaitingCount()).resolves.toBe(1_200);
  });
});

describe('the letter of a job that the ledger does not know', () => {
  it('is written once, whatever its id looks like', async () => {
    for (const jobId of ['a:b', 'a:b', 'plain']) await deadLetters.addOrphan(orphan(jobId));
    await expect(idsOf()).resolves.toEqual(['orphan.a_b', 'orphan.plain']);
  });
});

describe('the list of dead letters', () => {
  beforeEach(async () => {
    await bury({ requestId: 'r1', code: 'OperationDenied' });
    await deadLetters.flushOutbox();
    await bury({ requestId: 'r2', code: 'NotConfirmed', invocationId: 'inv-00000002' });
    await deadLetters.flushOutbox();
    await bury({ requestId: 'r3', code: 'NotConfirmed' });
    await deadLetters.flushOutbox();
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
    let cursor: number | undefined = 0;
    while (cursor !== undefined) {
      const page: Awaited<ReturnType<DeadLetterQueue['list']>> = await deadLetters.list(
        { code: 'NotConfirmed' },
        { cursor, limit: 1 },
      );
      seen.push(...page.deadLetters.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(['r2.0.letter', 'r3.0.letter']);
  });

  it('says that the last page is the last', async () => {
    await expect(deadLetters.list({}, { limit: 3 })).resolves.not.toHaveProperty('nextCursor');
    await expect(deadLetters.list({}, { limit: 2 })).resolves.toHaveProperty('nextCursor', 2);
  });

  it('holds what is no letter, too, and says so', async () => {
    await deadLetters.queue.add('dead-letter', { nonsense: true } as unknown as DeadLetter);
    const { deadLetters: letters } = await deadLetters.list({}, { limit: 10 });
    expect(letters).toHaveLength(4);
    expect(letters.filter(({ error }) => error.code === 'UnreadableLetter')).toEqual([
      expect.objectContaining({
        jobId: '',
        error: expect.objectContaining({ message: expect.stringContaining('nonsense') }),
      }),
    ]);
  });

  it('keeps its place while letters before and behind it are removed and new ones come', async () => {
    const listed = await deadLetters.list({}, { limit: 2 });
    const [first, second, third] = await idsOf();
    await deadLetters.remove(first ?? '');
    await deadLetters.remove(second ?? '');
    await bury({ requestId: 'late', instanceIds: ['ins-00000001'] });
    await deadLetters.flushOutbox();
    const next = await deadLetters.list({}, { cursor: listed.nextCursor ?? 0, limit: 1 });
    expect(next.deadLetters.map(({ id }) => id)).toEqual([third]);
    await deadLetters.remove(third ?? '');
    const last = await deadLetters.list({}, { cursor: next.nextCursor ?? 0, limit: 100 });
    expect(last.deadLetters.map(({ id }) => id)).toEqual(['late.0.letter']);
  });

  it('shows what another tool put into the queue, and not what it removed', async () => {
    const before = await idsOf();
    await deadLetters.queue.add('dead-letter', orphan('by-hand'), { jobId: 'by-hand' });
    expect(await idsOf()).toEqual([...before, 'by-hand']);
    await deadLetters.queue.remove('by-hand');
    await deadLetters.queue.remove(before[0] ?? '');
    expect(await idsOf()).toEqual(before.slice(1));
    expect(await client.zcard(redisKeys(prefix).deadLetterOrder)).toBe(before.length - 1);
  });

  it('does not forget a letter that is numbered and still on its way into the queue', async () => {
    const before = await idsOf();
    await bury({ requestId: 'slow', instanceIds: ['ins-00000001'] });
    await new DeadLetterOrder(client, prefix).add(['slow.0.letter']);
    expect(await idsOf()).toEqual(before);
    await deadLetters.flushOutbox();
    expect(await idsOf()).toEqual([...before, 'slow.0.letter']);
  });
});
