import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditReader } from '../../../src/shared/audit/audit-reader.js';
import { CancelQueue } from '../../../src/shared/cancel-queue.js';
import { type DeadLetterStore, DeadLetters } from '../../../src/shared/dead-letters/index.js';
import {
  InstanceReader,
  instanceStates,
  JobReader,
  Ledger,
  PoolLedger,
  RequestStatusReader,
} from '../../../src/shared/ledger/index.js';
import { PoolQueuer } from '../../../src/shared/pool-queuer.js';
import { plantDeadLetter } from '../../support/planted-letters.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../../support/test-prefix.js';

const region = 'ap-guangzhou';
const invocationId = 'inv-00000001';
const instanceIds = ['ins-00000001', 'ins-00000002', 'ins-00000003'];

let client: Redis;
let prefix: string;
let ledger: Ledger;
let store: DeadLetterStore;
let queue: CancelQueue;
let pools: PoolLedger;
let deadLetters: DeadLetters;

beforeAll(() => {
  client = connectToTestRedis();
});
beforeEach(() => {
  prefix = freshPrefix();
  ledger = new Ledger(client, prefix);
  queue = new CancelQueue(client, prefix);
  pools = new PoolLedger(client, prefix);
  deadLetters = new DeadLetters(client, prefix, new PoolQueuer(pools, queue));
  store = deadLetters.store;
});
afterEach(async () => {
  await queue.close();
  await removeKeysOf(client, prefix);
});
afterAll(() => client.disconnect());

/** A request of three instances, of which the mask says who dies. */
async function bury(requestId: string, mask = 'd.d', code = 'NotConfirmed'): Promise<void> {
  await ledger.accept({
    requestId,
    fingerprint: requestId,
    priority: 'normal',
    facts: { confirm: '0', priority: 'normal' },
    jobs: [{ region, invocationId, instanceIds }],
  });
  const ref = `${requestId}.0`;
  const attempt = { at: 1_700_000_000_000, worker: 'w1', code, message: 'no' };
  const letter = { requestId, jobId: ref, code, message: 'no' };
  const settled = mask.replaceAll('.', 'a').replaceAll('d', '.');
  await ledger.settle({
    landed: true,
    leaseMs: 0,
    calls: 1,
    sentAt: 1_700_000_000_000,
    moves: [
      { kind: 'bury', ref, mask, attempt, letterId: `${ref}.letter`, letter },
      { kind: 'accept', ref, mask: settled, cloudRequestId: 'q', confirm: false, firstLookMs: 0 },
    ],
  });
}

async function countsOf(requestId: string) {
  const status = await new RequestStatusReader(client, prefix).read(requestId);
  if (status === undefined) throw new Error(`no ${requestId}`);
  expect(instanceStates.reduce((sum, state) => sum + status.counts[state], 0)).toBe(status.total);
  return {
    state: status.state,
    ...Object.fromEntries(Object.entries(status.counts).filter(([, n]) => n > 0)),
  };
}

async function audited() {
  return (await new AuditReader(client, prefix).page({}, { limit: 10 })).entries;
}

const everything = { selection: { filter: {} }, by: 'tester' };

describe('groups', () => {
  it('counts letters and instances by code, the largest group first', async () => {
    await bury('r1');
    await bury('r2', 'ddd', 'InvalidParameter');
    await bury('r3', 'd..');
    const groups = await store.groups();
    expect(groups.map(({ code, letters: count, instances }) => [code, count, instances])).toEqual([
      ['NotConfirmed', 2, 3],
      ['InvalidParameter', 1, 3],
    ]);
  });
});

describe('redriving', () => {
  it('brings the counts of the request back to life and puts a job into the queue', async () => {
    await bury('r1');
    expect(await countsOf('r1')).toEqual({ state: 'finished', accepted: 1, 'dead-lettered': 2 });
    expect(await deadLetters.redrive(everything)).toEqual({
      ...{ letters: 1, instances: 2 },
      ...{ unknown: [], missing: [] },
    });
    expect(await countsOf('r1')).toEqual({ state: 'running', accepted: 1, waiting: 2 });
    expect(await queue.waitingJobIds(0, 10)).toHaveLength(1);
    expect((await store.list({}, { limit: 10 })).deadLetters).toEqual([]);
    const { flight } = await pools.claim({
      ...{ callId: 'c', pool: { region, invocationId }, mostIds: 100, leaseMs: 1_000 },
    });
    expect(flight?.jobs.map((job) => [job.instanceIds, job.attempts])).toEqual([
      [['ins-00000001', 'ins-00000003'], 0],
    ]);
  });

  it('uses the same part again when nothing else of it is under way', async () => {
    await bury('r1', 'ddd');
    await deadLetters.redrive(everything);
    expect(await queue.waitingJobIds(0, 10)).toHaveLength(1);
    expect(await new JobReader(client, prefix).outline('r1')).toMatchObject({ jobs: 1 });
  });

  it('leaves the attempts and times of those alone that are under way', async () => {
    await bury('r1');
    const request = ledger.keys.request('r1');
    await client.hset(request, 'n:0', 3, 'k:0', 1);
    const before = await client.hmget(request, 'n:0', 'k:0', 'c:0', 'h:0');
    await deadLetters.redrive(everything);
    expect(await client.hmget(request, 'n:0', 'k:0', 'c:0', 'h:0')).toEqual(before);
    expect(await client.hmget(request, 'n:1', 'k:1', 'c:1', 'h:1')).toEqual([null, null, null, null]);
  });

  it('brings nothing back that was withdrawn', async () => {
    await ledger.accept({
      ...{ requestId: 'r1', fingerprint: 'r1', priority: 'normal' },
      facts: { confirm: '0', priority: 'normal' },
      jobs: [{ region, invocationId, instanceIds }],
    });
    const call = { pool: { region, invocationId }, mostIds: 2, leaseMs: 60_000 };
    await pools.claim({ ...call, callId: 'c1' });
    const letter = { requestId: 'r1', jobId: 'r1.0', code: 'OperationDenied', message: 'no' };
    const report = { callId: 'c1', landed: false, leaseMs: 60_000, calls: 1, sentAt: 1_700_000_000_000 };
    await ledger.settle({
      ...report,
      moves: [{ kind: 'bury', ref: 'r1.0', mask: '.d.', letterId: 'r1.0.letter', letter }],
    });
    await ledger.withdraw('r1');
    expect(await deadLetters.redrive(everything)).toMatchObject({ letters: 1, instances: 1 });
    await ledger.settle({ ...report, landed: true, moves: [{ kind: 'return', ref: 'r1.0', mask: 'w..' }] });
    expect(await countsOf('r1')).toEqual({ state: 'running', waiting: 1, withdrawn: 2 });
    const { flight } = await pools.claim({ ...call, callId: 'c2' });
    expect(flight?.jobs.map((job) => job.instanceIds)).toEqual([['ins-00000002']]);
    await ledger.withdraw('r1');
    await ledger.settle({
      ...{ ...report, callId: 'c2', landed: true },
      moves: [{ kind: 'return', ref: 'r1.1', mask: 'w' }],
    });
    expect(await countsOf('r1')).toEqual({ state: 'withdrawn', withdrawn: 3 });
  });

  it('names ids that belong to no letter, and takes the same id twice for one', async () => {
    await bury('r1');
    const ids = ['r1.0.letter', 'nothing', 'r1.0.letter'];
    const order = { selection: { ids }, by: 'tester' };
    expect(await deadLetters.redrive(order)).toMatchObject({
      letters: 1,
      instances: 2,
      missing: ['nothing'],
    });
    expect(await deadLetters.redrive(order)).toMatchObject({
      letters: 0,
      missing: ['r1.0.letter', 'nothing'],
    });
  });

  it('says what it would do and does nothing, on demand', async () => {
    await bury('r1');
    expect(await deadLetters.redrive({ ...everything, dryRun: true })).toMatchObject({
      letters: 1,
      instances: 2,
    });
    expect(await countsOf('r1')).toMatchObject({ state: 'finished', 'dead-lettered': 2 });
  });

  it('moves nothing twice, whoever does it at the same time', async () => {
    await bury('r1');
    const results = await Promise.all([1, 2, 3].map(() => deadLetters.redrive(everything)));
    expect(results.reduce((sum, { instances }) => sum + instances, 0)).toBe(2);
    expect(await countsOf('r1')).toMatchObject({ waiting: 2 });
    expect((await store.list({}, { limit: 10 })).deadLetters).toEqual([]);
  });

  it('sends the instances to another target where that is the cure', async () => {
    await bury('r1');
    await deadLetters.redrive(everything, { region: 'ap-tokyo' });
    expect(await countsOf('r1')).toEqual({ state: 'running', accepted: 1, waiting: 2 });
    const { instances } = await new InstanceReader(client, prefix).list('r1', { limit: 10 });
    expect(instances.map((record) => [record.instanceId, record.region, record.state])).toEqual([
      ['ins-00000002', region, 'accepted'],
      ['ins-00000001', 'ap-tokyo', 'waiting'],
      ['ins-00000003', 'ap-tokyo', 'waiting'],
    ]);
  });

  it('leaves letters alone whose request nobody knows', async () => {
    const now = new Date().toISOString();
    await plantDeadLetter(client, prefix, 'orphan.by-hand', {
      ...{ requestId: '', jobId: 'by-hand', target: { region, invocationId }, attempts: 0, history: [] },
      ...{ error: { code: 'InvalidJobData', message: 'no' }, firstSeenAt: now, deadAt: now },
    });
    expect(await deadLetters.redrive(everything)).toMatchObject({
      letters: 0,
      instances: 0,
      unknown: ['orphan.by-hand'],
    });
    expect((await store.list({}, { limit: 10 })).deadLetters).toHaveLength(1);
  });
});

describe('discarding', () => {
  it('takes the letter away, keeps the count and notes who and why', async () => {
    await bury('r1');
    await deadLetters.discard(everything, 'typing error');
    expect((await store.list({}, { limit: 10 })).deadLetters).toEqual([]);
    expect(await countsOf('r1')).toMatchObject({ state: 'finished', 'dead-lettered': 2 });
    expect(await audited()).toMatchObject([
      {
        action: 'discard-letter',
        by: 'tester',
        requestId: 'r1',
        details: { reason: 'typing error', instances: 2 },
      },
    ]);
  });

  it('counts a letter once, whoever discards it at the same time, and leaves nothing to redrive', async () => {
    await bury('r1', 'dd.');
    const results = await Promise.all([1, 2, 3].map(() => deadLetters.discard(everything, 'typing error')));
    expect(results.reduce((sum, { letters }) => sum + letters, 0)).toBe(1);
    expect(await client.hget(ledger.keys.request('r1'), 'discarded')).toBe('2');
    expect(await audited()).toHaveLength(1);
    const ids = { selection: { ids: ['r1.0.letter'] }, by: 'late' };
    expect(await deadLetters.redrive(ids)).toMatchObject({ letters: 0, missing: ['r1.0.letter'] });
    expect(await countsOf('r1')).toMatchObject({ state: 'finished', 'dead-lettered': 2 });
  });
});
