import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  Ledger,
  type LedgerMove,
  type PlannedRequest,
  PoolLedger,
  RequestStatusReader,
} from '../../../src/shared/ledger/index.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../../support/test-prefix.js';

const region = 'ap-guangzhou';
const invocationId = 'inv-aaaaaaaa';
const pool = { region, invocationId };

let client: Redis;
let prefix: string;
let ledger: Ledger;
let pools: PoolLedger;

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

async function claim(callId: string, changes: Partial<Parameters<PoolLedger['claim']>[0]> = {}) {
  return (await pools.claim({ callId, pool, mostIds: 100, leaseMs: 15_000, ...changes })).flight;
}

async function countsOf(requestId: string) {
  const status = await new RequestStatusReader(client, prefix).read(requestId);
  return Object.fromEntries(Object.entries(status?.counts ?? {}).filter(([, count]) => count > 0));
}

const attempt = { at: 1_700_000_000_000, worker: 'w1', code: 'InternalError', message: 'm' };

/** What becomes of the first instance of a request that a call carried. */
async function report(callId: string, move: Partial<LedgerMove> & Pick<LedgerMove, 'kind'>) {
  const moves = [{ ref: 'r1.0', mask: 'w', ...move } as LedgerMove];
  await ledger.settle({ callId, landed: true, leaseMs: 15_000, calls: 1, sentAt: 1_700_000_000_000, moves });
}

describe('claiming', () => {
  it('fills a call from every job that waits for the invocation, oldest first', async () => {
    await ledger.accept(planned('r1', { jobs: [{ region, invocationId, instanceIds: ids(60) }] }));
    await ledger.accept(planned('r2', { jobs: [{ region, invocationId, instanceIds: ids(60, 60) }] }));
    const flight = await claim('c1');
    expect(flight?.jobs.map((job) => [job.ref, job.instanceIds.length])).toEqual([
      ['r1.0', 60],
      ['r2.0', 40],
    ]);
    const second = await claim('c2');
    expect(second?.jobs.map((job) => [job.ref, job.instanceIds])).toEqual([['r2.0', ids(20, 100)]]);
    await expect(claim('c3')).resolves.toBeUndefined();
  });

  it('carries an instance once for two jobs that ask for it', async () => {
    await ledger.accept(planned('r1'));
    await ledger.accept(planned('r2'));
    const flight = await claim('c1', { mostIds: 3 });
    expect(flight?.jobs.map((job) => job.instanceIds)).toEqual([ids(3), ids(3)]);
  });

  it('takes urgent before normal before low', async () => {
    for (const priority of ['low', 'normal', 'urgent'] as const) {
      await ledger.accept(
        planned(priority, { priority, jobs: [{ region, invocationId, instanceIds: ids(1) }] }),
      );
    }
    const flight = await claim('c1');
    expect(flight?.jobs.map((job) => job.ref)).toEqual(['urgent.0', 'normal.0', 'low.0']);
  });

  it('lets a whole invocation absorb the jobs that wait for proof, and leaves the others alone', async () => {
    await ledger.accept(planned('some'));
    await ledger.accept(planned('unproved', { facts: { priority: 'normal', confirm: '0' } }));
    await ledger.accept(planned('all', { jobs: [{ region, invocationId }] }));
    const flight = await claim('c1');
    expect(flight?.whole).toBe(true);
    expect(flight?.jobs.map((job) => job.ref).sort()).toEqual(['all.0', 'some.0']);
    expect((await claim('c2'))?.jobs.map((job) => job.ref)).toEqual(['unproved.0']);
  });

  it('answers a repeated claim as before and takes nothing more', async () => {
    await ledger.accept(planned('r1'));
    const first = await claim('c1', { mostIds: 2 });
    expect(await claim('c1', { mostIds: 2 })).toEqual({ ...first, claimedAtMs: expect.any(Number) });
    expect(await countsOf('r1')).toEqual({ waiting: 3 });
    expect((await claim('c2'))?.jobs[0]?.instanceIds).toEqual(ids(1, 2));
  });

  it('tells how much a further call could carry', async () => {
    await ledger.accept(planned('r1', { jobs: [{ region, invocationId, instanceIds: ids(100) }] }));
    await ledger.accept(planned('r2', { jobs: [{ region, invocationId, instanceIds: ids(60, 60) }] }));
    const { ready } = await pools.claim({ callId: 'c1', pool, mostIds: 100, leaseMs: 15_000 });
    expect(ready).toBe(20);
    expect((await pools.claim({ callId: 'c2', pool, mostIds: 100, leaseMs: 15_000 })).ready).toBe(0);
  });

  it('gives back what a dead worker had taken, once its lease is over', async () => {
    await ledger.accept(planned('r1'));
    await claim('c1', { leaseMs: 0 });
    await expect(ledger.releaseOverdue(10)).resolves.toEqual([{ ref: 'r1.0', losses: 1 }]);
    expect((await claim('c2'))?.jobs[0]?.instanceIds).toEqual(ids(3));
  });
});

describe('the job that stands for a pool', () => {
  const one = (requestId: string, priority: PlannedRequest['priority'] = 'normal', from = 0) =>
    planned(requestId, { priority, jobs: [{ region, invocationId, instanceIds: ids(1, from) }] });

  it('is asked for once, however many requests come', async () => {
    const [first, second] = [await ledger.accept(one('r1')), await ledger.accept(one('r2', 'normal', 1))];
    expect([first.poolJobs.length, second.poolJobs.length]).toEqual([1, 0]);
    expect(await pools.unqueued(10)).toEqual(first.poolJobs);
    await pools.markQueued(first.poolJobs);
    expect(await pools.unqueued(10)).toEqual([]);
  });

  it('is superseded by one of higher rank when something more urgent comes', async () => {
    await ledger.accept(one('r1', 'low'));
    const { poolJobs } = await ledger.accept(one('r2', 'urgent', 1));
    expect(poolJobs).toMatchObject([{ generation: 2, rank: 0 }]);
    expect(await pools.look(pool, 1, 100)).toEqual({ kind: 'superseded' });
    expect(await pools.look(pool, 2, 100)).toEqual({ kind: 'ready', rank: 0, ready: 2 });
  });

  it('sleeps until the first back-off is over, and is superseded when fresh work comes before', async () => {
    await ledger.accept(one('r1'));
    await claim('c1');
    await report('c1', { kind: 'retry', attempt, notBeforeMs: 60_000 });
    expect(await pools.look(pool, 1, 100)).toEqual({ kind: 'later', delayMs: expect.any(Number) });
    const { poolJobs } = await ledger.accept(one('r2', 'normal', 1));
    expect(poolJobs).toMatchObject([{ generation: 2 }]);
    expect(await pools.look(pool, 1, 100)).toEqual({ kind: 'superseded' });
    expect((await claim('c2'))?.jobs.map(({ ref }) => ref)).toEqual(['r2.0']);
  });

  it('is asked for again when something waits after it had ended', async () => {
    await ledger.accept(one('r1'));
    await claim('c1');
    expect(await pools.look(pool, 1, 100)).toEqual({ kind: 'empty' });
    expect(await pools.generationOf(pool)).toBeUndefined();
    await report('c1', { kind: 'return' });
    expect(await pools.generationOf(pool)).toBe(2);
    expect(await pools.look(pool, 2, 100)).toMatchObject({ kind: 'ready', ready: 1 });
  });

  it('is replaced when it was lost, and only then', async () => {
    const [job] = (await ledger.accept(one('r1'))).poolJobs;
    if (job === undefined) throw new Error('no job');
    expect(await pools.requeue(job)).toBe(true);
    expect(await pools.requeue(job)).toBe(false);
    expect(await pools.generationOf(pool)).toBe(2);
  });
});
