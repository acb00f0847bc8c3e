import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeadLetterStore } from '../../../src/shared/dead-letters/index.js';
import {
  instanceStates,
  Ledger,
  type LedgerMove,
  type PlannedRequest,
  PoolLedger,
  RequestStatusReader,
} from '../../../src/shared/ledger/index.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../../support/test-prefix.js';

const region = 'ap-guangzhou';
const invocationId = 'inv-aaaaaaaa';

let client: Redis;
let prefix: string;
let ledger: Ledger;
let pools: PoolLedger;
let reader: RequestStatusReader;

beforeAll(() => {
  client = connectToTestRedis();
});
afterEach(async () => {
  await removeKeysOf(client, prefix);
});
afterAll(() => {
  client.disconnect();
});
beforeEach(() => {
  prefix = freshPrefix();
  ledger = new Ledger(client, prefix);
  pools = new PoolLedger(client, prefix);
  reader = new RequestStatusReader(client, prefix);
});

function ids(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `ins-${String(from + index).padStart(8, '0')}`);
}

function planned(requestId: string, changes: Partial<PlannedRequest> = {}): PlannedRequest {
  return {
    requestId,
    fingerprint: `print-of-${requestId}`,
    priority: 'normal',
    facts: { priority: 'normal', confirm: '1' },
    jobs: [{ region, invocationId, instanceIds: ids(3) }],
    ...changes,
  };
}

const pool = { region, invocationId };

async function claim(callId: string, changes: Partial<Parameters<PoolLedger['claim']>[0]> = {}) {
  return (await pools.claim({ callId, pool, mostIds: 100, leaseMs: 15_000, ...changes })).flight;
}

/** What the job that stands for the pool now would hear. */
async function look() {
  return await pools.look(pool, (await pools.generationOf(pool)) ?? 0, 100);
}

function report(callId: string | undefined, moves: LedgerMove[], landed = true) {
  return ledger.settle({
    ...(callId === undefined ? {} : { callId }),
    landed,
    leaseMs: 15_000,
    calls: 1,
    sentAt: 1_700_000_000_000,
    moves,
  });
}

const attempt = { at: 1_700_000_000_000, worker: 'w1', code: 'InternalError', message: 'm' };

function burial(ref: string, mask: string, code = 'InvalidParameter', only?: string): LedgerMove {
  const [requestId = ''] = ref.split('.');
  return {
    kind: 'bury',
    ref,
    mask,
    letterId: `${ref}-${code}`,
    letter: { requestId, jobId: ref, code, message: 'no' },
    ...(only === undefined ? {} : { only }),
  };
}

async function lettersOf(requestId: string) {
  return (await new DeadLetterStore(client, prefix).list({ requestId }, { limit: 10 })).deadLetters;
}

async function countsOf(requestId: string) {
  const status = await reader.read(requestId);
  if (status === undefined) throw new Error(`no ${requestId}`);
  const sum = instanceStates.reduce((total, state) => total + status.counts[state], 0);
  expect(sum).toBe(status.total);
  return Object.fromEntries(Object.entries(status.counts).filter(([, count]) => count > 0));
}

describe('a job of which a part has failed in passing', () => {
  it('is left alone by all calls until it is due, and its job comes back then', async () => {
    await ledger.accept(planned('r1'));
    await claim('c1', { mostIds: 1 });
    await report('c1', [{ kind: 'retry', ref: 'r1.0', mask: 'w..', attempt, notBeforeMs: 60_000 }]);
    expect(await claim('c2')).toBeUndefined();
    expect(await look()).toEqual({ kind: 'later', delayMs: expect.any(Number) });
    await client.hset(ledger.keys.request('r1'), 'b:0', Date.now() - 1);
    await client.zadd(ledger.keys.later(region, invocationId), Date.now() - 1, 'r1.0');
    expect(await look()).toEqual({ kind: 'ready', rank: 1, ready: 3 });
    expect((await claim('c4'))?.jobs.map(({ mask }) => mask)).toEqual(['sss']);
  });
});

describe('the time to stop', () => {
  it('begins with the latest acceptance, so that late instances have all of it', async () => {
    await ledger.accept(planned('r1'));
    const accept = (callId: string, mask: string) =>
      report(callId, [
        { kind: 'accept', ref: 'r1.0', mask, cloudRequestId: 'cloud-1', confirm: true, firstLookMs: 2_000 },
      ]);
    await claim('c1', { mostIds: 1 });
    await accept('c1', 'a..');
    await client.hset(ledger.keys.request('r1'), 'c:0', Date.now() - 300_000);
    await claim('c2');
    await accept('c2', '.aa');
    expect(Number(await client.hget(ledger.keys.request('r1'), 'c:0'))).toBeGreaterThan(Date.now() - 60_000);
  });
});

describe('accepting', () => {
  it('writes a request whole, every instance waiting', async () => {
    await expect(ledger.accept(planned('r1'))).resolves.toEqual({
      kind: 'accepted',
      partsToJoin: false,
      sequence: 1,
      poolJobs: [{ region, invocationId, generation: 1, rank: 1, dueAtMs: expect.any(Number) }],
    });
    expect(await countsOf('r1')).toEqual({ waiting: 3 });
    expect((await reader.read('r1'))?.state).toBe('waiting');
  });

  it('gives the first request back for the same content and refuses other content', async () => {
    await ledger.accept(planned('r1'));
    await expect(ledger.accept(planned('r1'))).resolves.toMatchObject({
      kind: 'duplicate',
      partsToJoin: false,
      poolJobs: [],
    });
    await expect(ledger.accept(planned('r1', { fingerprint: 'other' }))).resolves.toMatchObject({
      kind: 'conflict',
    });
    expect(await countsOf('r1')).toEqual({ waiting: 3 });
  });

  it.each<[string, () => string]>([
    ['the pool of its second target', () => ledger.keys.pool(region, 'inv-bbbbbbbb')],
    ['the list of requests', () => ledger.keys.requests],
    ['the totals', () => ledger.keys.totals],
    ['the counter', () => ledger.keys.sequence],
  ])('writes nothing when %s holds something else, and accepts it once that is gone', async (_name, key) => {
    const jobs = ['inv-aaaaaaaa', 'inv-bbbbbbbb'].map((id) => ({
      region,
      invocationId: id,
      instanceIds: ids(1),
    }));
    await client.rpush(key(), 'by hand');
    await expect(ledger.accept(planned('r1', { jobs }))).rejects.toThrow(/WRONGTYPE|damaged/);
    expect(await client.keys(`${prefix}*`)).toEqual([key()]);
    await expect(ledger.accept(planned('r1', { jobs }))).rejects.toThrow(/WRONGTYPE|damaged/);
    await client.del(key());
    await expect(ledger.accept(planned('r1', { jobs }))).resolves.toMatchObject({ kind: 'accepted' });
    expect(await countsOf('r1')).toEqual({ waiting: 2 });
  });

  it('knows nothing of a request that was never accepted', async () => {
    await expect(reader.read('nobody')).resolves.toBeUndefined();
    await expect(pools.joinParts('nobody', 0, 1)).resolves.toBe(0);
  });
});

describe('settling', () => {
  it('moves an accepted instance on, counts it once and says when the request is done', async () => {
    await ledger.accept(planned('r1', { facts: { priority: 'normal', confirm: '0' } }));
    await claim('c1');
    const move: LedgerMove = {
      kind: 'accept',
      ref: 'r1.0',
      mask: 'aaa',
      cloudRequestId: 'cloud-1',
      confirm: true,
      firstLookMs: 0,
    };
    await expect(report('c1', [move])).resolves.toEqual({
      claimWasOpen: true,
      jobs: [{ ref: 'r1.0', moved: 3, waiting: 0, sent: 0, requestSettled: true, known: true }],
    });
    const again = await report('c1', [move]);
    expect(again.jobs[0]).toMatchObject({ moved: 0, requestSettled: false });
    expect(await countsOf('r1')).toEqual({ accepted: 3 });
    expect((await reader.read('r1'))?.state).toBe('finished');
  });

  it('keeps a request with read-back open while instances are only accepted', async () => {
    await ledger.accept(planned('r1'));
    await claim('c1');
    const { jobs } = await report('c1', [
      { kind: 'accept', ref: 'r1.0', mask: 'aaa', cloudRequestId: 'q', confirm: true, firstLookMs: 0 },
    ]);
    expect(jobs[0]?.requestSettled).toBe(false);
    expect((await reader.read('r1'))?.state).toBe('running');
  });

  it('sends a failed job back with an attempt spent and a time before which it is not due', async () => {
    await ledger.accept(planned('r1'));
    await claim('c1');
    await report('c1', [{ kind: 'retry', ref: 'r1.0', mask: 'www', attempt, notBeforeMs: 60_000 }]);
    expect((await look()).kind).toBe('later');
    await expect(claim('c2')).resolves.toBeUndefined();
    expect(await countsOf('r1')).toEqual({ waiting: 3 });
  });

  it('returns what was not sent without spending an attempt', async () => {
    await ledger.accept(planned('r1'));
    await claim('c1');
    await report('c1', [{ kind: 'return', ref: 'r1.0', mask: 'www' }]);
    expect((await claim('c2'))?.jobs[0]?.attempts).toBe(0);
  });

  it('buries only the guilty, and writes the dead letter in the same step', async () => {
    await ledger.accept(planned('r1'));
    await claim('c1');
    await report('c1', [
      { kind: 'accept', ref: 'r1.0', mask: 'a.a', cloudRequestId: 'q', confirm: true, firstLookMs: 0 },
      burial('r1.0', '.d.', 'InvalidParameterValue.InvalidInstanceId'),
    ]);
    expect(await countsOf('r1')).toEqual({ accepted: 2, 'dead-lettered': 1 });
    expect(await lettersOf('r1')).toMatchObject([
      {
        error: { code: 'InvalidParameterValue.InvalidInstanceId' },
        target: { region, invocationId, instanceIds: ['ins-00000001'] },
      },
    ]);
  });

  it('ignores the failure of a worker that was thought dead, and believes its success', async () => {
    await ledger.accept(planned('r1'));
    await claim('late', { leaseMs: 0 });
    await ledger.releaseOverdue(10);
    await claim('next');
    await report('late', [
      { kind: 'retry', ref: 'r1.0', mask: 'w..', attempt, notBeforeMs: 0 },
      burial('r1.0', 'd'),
      { kind: 'accept', ref: 'r1.0', mask: '..a', cloudRequestId: 'q', confirm: true, firstLookMs: 0 },
    ]);
    expect(await countsOf('r1')).toEqual({ waiting: 2, accepted: 1 });
    await report('next', [
      { kind: 'accept', ref: 'r1.0', mask: 'aaa', cloudRequestId: 'q2', confirm: true, firstLookMs: 0 },
    ]);
    expect(await countsOf('r1')).toEqual({ accepted: 3 });
  });

  it('takes error texts whatever they hold, half characters among it', async () => {
    await ledger.accept(planned('r1'));
    await claim('c1');
    const message = `half of ${'😀'.slice(0, 1)}`;
    const moves: LedgerMove[] = [
      { kind: 'retry', ref: 'r1.0', mask: 'w..', attempt: { ...attempt, message }, notBeforeMs: 0 },
      { ...(burial('r1.0', '.d.') as LedgerMove & { kind: 'bury' }), attempt: { ...attempt, message } },
    ];
    await expect(report('c1', moves)).resolves.toMatchObject({ jobs: [{ moved: 1 }, { moved: 1 }] });
    expect(await countsOf('r1')).toEqual({ waiting: 2, 'dead-lettered': 1 });
  });

  it('keeps what a late success tells when the next call gives up', async () => {
    await ledger.accept(planned('r1'));
    await claim('late', { leaseMs: 0 });
    await ledger.releaseOverdue(10);
    await claim('next');
    await report('late', [
      { kind: 'accept', ref: 'r1.0', mask: 'aa.', cloudRequestId: 'q', confirm: true, firstLookMs: 0 },
    ]);
    await report('next', [burial('r1.0', 'ddd')]);
    expect(await countsOf('r1')).toEqual({ accepted: 2, 'dead-lettered': 1 });
    expect(await lettersOf('r1')).toMatchObject([{ target: { instanceIds: ['ins-00000002'] } }]);
  });

  it('takes instances out of a dead letter whose success comes late', async () => {
    await ledger.accept(planned('r1'));
    await claim('late', { leaseMs: 0 });
    await ledger.releaseOverdue(10);
    await claim('next');
    await report('next', [burial('r1.0', 'ddd')]);
    expect((await reader.read('r1'))?.state).toBe('finished');
    const accept = {
      kind: 'accept',
      ref: 'r1.0',
      cloudRequestId: 'q',
      confirm: true,
      firstLookMs: 0,
    } as const;
    await report('late', [{ ...accept, mask: 'a.a' }]);
    expect(await countsOf('r1')).toEqual({ accepted: 2, 'dead-lettered': 1 });
    expect((await reader.read('r1'))?.state).toBe('running');
    expect(await lettersOf('r1')).toMatchObject([{ target: { instanceIds: ['ins-00000001'] } }]);
    await report('late', [{ ...accept, mask: '.a.' }]);
    expect(await lettersOf('r1')).toEqual([]);
    await report(undefined, [{ kind: 'confirm', ref: 'r1.0', mask: 'ttt' }]);
    expect(await countsOf('r1')).toEqual({ terminated: 3 });
    expect((await reader.read('r1'))?.state).toBe('finished');
  });
});
