import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallResult, CancelInvocationInput, TatClient } from '../../src/cloud/tat-client.js';
import { createFailure } from '../../src/shared/failure-table.js';
import { HeldStateStore } from '../../src/shared/held-state.js';
import { Ledger } from '../../src/shared/ledger/index.js';
import type { Priority } from '../../src/shared/schemas.js';
import { CallDispatcher } from '../../src/worker/call-dispatcher.js';
import { CallRunner } from '../../src/worker/call-runner.js';
import { HoldGate } from '../../src/worker/hold-gate.js';
import type { JobVerdict } from '../../src/worker/verdict.js';
import { CapturedLog } from '../support/captured-log.js';
import { HandLimiter } from '../support/hand-limiter.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../support/test-prefix.js';
import { waitUntil } from '../support/wait-until.js';

const region = 'ap-guangzhou';
const accepted: CallResult<undefined> = { ok: true, cloudRequestId: 'cloud-1', value: undefined };

let client: Redis;
let prefix: string;
let ledger: Ledger;
let limiter: HandLimiter;
let dispatcher: CallDispatcher;
let log: CapturedLog;
let sent: CancelInvocationInput[];
let hold: HoldGate;
let paused: boolean;
let answer: (input: CancelInvocationInput) => Promise<CallResult<undefined>>;

beforeAll(() => {
  client = connectToTestRedis();
});
beforeEach(() => {
  prefix = freshPrefix();
  ledger = new Ledger(client, prefix);
  limiter = new HandLimiter();
  log = new CapturedLog('info');
  sent = [];
  answer = async () => accepted;
  const logger = log.logger;
  const cloud = {
    cancelInvocation: (input: CancelInvocationInput) => {
      sent.push(input);
      return answer(input);
    },
  } as TatClient;
  paused = false;
  hold = new HoldGate({
    store: new HeldStateStore(client, prefix),
    probe: async () => undefined,
    isPaused: async () => paused,
    logger,
    workerName: 'worker-1',
    watchEveryMs: 10,
  });
  hold.start();
  const shared = { ledger, limiter, hold, logger, leaseMs: 10_000 };
  const runner = new CallRunner({
    ...shared,
    client: cloud,
    readMembers: async () => undefined,
    onBuried: () => {},
    workerName: 'worker-1',
    attempts: 8,
    callTimeoutMs: 5_000,
    confirm: false,
  });
  dispatcher = new CallDispatcher({ ...shared, runner, callsInFlight: 2 });
  dispatcher.start();
});
afterEach(async () => {
  await dispatcher.drain();
  await hold.close();
  await removeKeysOf(client, prefix);
});
afterAll(() => client.disconnect());

/** Accepts a job of one instance and lets it wait for its call. */
async function submit(
  requestId: string,
  changes: { invocationId?: string; instanceId?: string; priority?: Priority } = {},
): Promise<{ verdict: Promise<JobVerdict> }> {
  const { invocationId = 'inv-00000001', instanceId = 'ins-00000001', priority = 'normal' } = changes;
  const jobs = [{ region, invocationId, instanceIds: [instanceId] }];
  await ledger.accept({ requestId, fingerprint: requestId, priority, facts: { confirm: '0' }, jobs });
  const ref = { requestId, position: 0 };
  const standing = await ledger.join(ref);
  if (standing.kind !== 'ready') throw new Error(`${requestId} is ${standing.kind}`);
  return { verdict: dispatcher.submit(`${requestId}.0`, ref, standing) }; // an object, or it would be awaited here
}

describe('what a call carries', () => {
  it('is decided when its slot comes, so that late jobs still go along', async () => {
    const first = await submit('r1', { instanceId: 'ins-00000001' });
    await waitUntil('the slot is asked for', () => limiter.isAsked);
    const second = await submit('r2', { instanceId: 'ins-00000002' });
    limiter.give();
    await expect(first.verdict).resolves.toEqual({ kind: 'done' });
    await expect(second.verdict).resolves.toEqual({ kind: 'done' });
    expect(sent.map((input) => input.instanceIds)).toEqual([['ins-00000001', 'ins-00000002']]);
  });

  it('is urgent work first, even if it came after the slot was asked for', async () => {
    const normal = await submit('r1', { invocationId: 'inv-00000001' });
    await waitUntil('the slot is asked for', () => limiter.isAsked);
    const urgent = await submit('r2', { invocationId: 'inv-00000002', priority: 'urgent' });
    limiter.give();
    await expect(urgent.verdict).resolves.toEqual({ kind: 'done' });
    expect(sent.map((input) => input.invocationId)).toEqual(['inv-00000002']);
    limiter.give();
    await expect(normal.verdict).resolves.toEqual({ kind: 'done' });
  });

  it('is never more than the calls that may be without an answer', async () => {
    const answers: ((result: CallResult<undefined>) => void)[] = [];
    answer = () => new Promise((resolve) => answers.push(resolve));
    const jobs = await Promise.all(
      ['inv-00000001', 'inv-00000002', 'inv-00000003'].map((invocationId) =>
        submit(invocationId, { invocationId }),
      ),
    );
    limiter.give(3);
    await waitUntil('two calls are under way', () => sent.length === 2);
    answers.shift()?.(accepted);
    await waitUntil('the third one follows', () => sent.length === 3);
    for (const land of answers) land(accepted);
    await Promise.all(jobs.map(({ verdict }) => expect(verdict).resolves.toEqual({ kind: 'done' })));
  });
});

describe('while calls are kept back', () => {
  const closed = () => waitUntil('the gate is closed', () => !hold.isOpen);

  it('a slot that was asked for before is left unused', async () => {
    const { verdict } = await submit('r1');
    await waitUntil('the slot is asked for', () => limiter.isAsked);
    paused = true;
    await closed();
    limiter.give();
    paused = false;
    await waitUntil('another slot is asked for', () => limiter.isAsked);
    expect(sent).toEqual([]);
    limiter.give();
    await expect(verdict).resolves.toEqual({ kind: 'done' });
  });

  it('a refused call is not taken apart, and what it carried waits again', async () => {
    answer = async () => {
      paused = true;
      await closed();
      return { ok: false, failure: createFailure('InvalidParameterValue', 'one of them is wrong') };
    };
    const jobs = [
      await submit('r1', { instanceId: 'ins-00000001' }),
      await submit('r2', { instanceId: 'ins-00000002' }),
    ];
    limiter.give(5);
    await waitUntil('both wait again', async () => {
      const letters = ['r1', 'r2'].map((id) => client.hget(ledger.keys.request(id), 'l:0'));
      return sent.length === 1 && (await Promise.all(letters)).join('') === 'ww';
    });
    expect(sent).toHaveLength(1);
    answer = async () => accepted;
    paused = false;
    for (const { verdict } of jobs) await expect(verdict).resolves.toEqual({ kind: 'done' });
  });
});

describe('calls of a worker', () => {
  it('are prepared side by side, one for each invocation that waits', async () => {
    const names = ['inv-00000001', 'inv-00000002'];
    const jobs = await Promise.all(names.map((invocationId) => submit(invocationId, { invocationId })));
    await waitUntil('two slots are asked for', () => limiter.asked === 2);
    limiter.give(2);
    for (const { verdict } of jobs) await expect(verdict).resolves.toEqual({ kind: 'done' });
    expect(sent.map(({ invocationId }) => invocationId).sort()).toEqual(names);
  });
});

describe('a job that another worker’s call has dealt with', () => {
  /** Another worker's call takes what waits for the invocation, and lands. */
  async function settleElsewhere(ref: string): Promise<void> {
    const callId = 'call-of-another';
    const invocationId = 'inv-00000001';
    const claim = { callId, region, invocationId, ownRefs: [], mostIds: 100, leaseMs: 10_000 };
    const { flight } = await ledger.claim(claim);
    const mask = (flight?.jobs.find((job) => job.ref === ref)?.mask ?? '').replaceAll('s', 'a');
    await ledger.settle({
      callId,
      landed: true,
      leaseMs: 0,
      calls: 1,
      sentAt: 1,
      moves: [{ kind: 'accept', ref, mask, cloudRequestId: 'cloud-2', confirm: false, firstLookMs: 2_000 }],
    });
  }

  it('is done without a call of its own', async () => {
    const job = await submit('r1');
    await settleElsewhere('r1.0');
    limiter.give();
    await expect(job.verdict).resolves.toEqual({ kind: 'done' });
    expect(sent).toEqual([]);
  });

  it('is done also if it came here while a call carried some of it already', async () => {
    const jobOf = (from: number) => ({
      region,
      invocationId: 'inv-00000001',
      instanceIds: Array.from({ length: 60 }, (_, index) => `ins-${String(from + index).padStart(8, '0')}`),
    });
    for (const [requestId, from] of [['r1', 0] as const, ['r2', 60] as const]) {
      const jobs = [jobOf(from)];
      await ledger.accept({ requestId, fingerprint: requestId, priority: 'normal', facts: {}, jobs });
    }
    const come = async (requestId: string) => {
      const standing = await ledger.join({ requestId, position: 0 });
      if (standing.kind !== 'ready') throw new Error(`${requestId} is ${standing.kind}`);
      return () => dispatcher.submit(`${requestId}.0`, { requestId, position: 0 }, standing);
    };
    let land: (result: CallResult<undefined>) => void = () => {};
    answer = () => new Promise((resolve) => (land = resolve));
    await come('r2'); // it waits for its call, and no worker has brought it here yet
    const first = (await come('r1'))();
    limiter.give();
    await waitUntil('the call is under way', () => sent.length === 1);
    expect(sent[0]?.instanceIds).toHaveLength(100);
    const late = (await come('r2'))();
    await waitUntil('it asks for a slot', () => limiter.isAsked);
    land(accepted);
    await expect(first).resolves.toEqual({ kind: 'done' });
    await settleElsewhere('r2.0');
    limiter.give();
    await expect(late).resolves.toEqual({ kind: 'done' });
    expect(sent).toHaveLength(1);
  });

  it('is asked about again when the ledger could not be asked', async () => {
    const job = await submit('r1');
    await settleElsewhere('r1.0');
    vi.spyOn(ledger, 'join').mockRejectedValueOnce(new Error('READONLY'));
    limiter.give(2);
    await expect(job.verdict).resolves.toEqual({ kind: 'done' });
    expect(log.saying('could not be prepared')).toHaveLength(1);
  });
});

describe('trouble', () => {
  it('in writing a call down leaves it to the ledger what becomes of the job', async () => {
    vi.spyOn(ledger, 'settle').mockRejectedValueOnce(new Error('READONLY'));
    const job = await submit('r1');
    limiter.give();
    await expect(job.verdict).resolves.toMatchObject({ kind: 'postpone', reason: 'carried-elsewhere' });
    expect(log.saying('could not be written down')).toHaveLength(1);
  });

  it('in writing a call down and in asking the ledger afterwards leaves no job behind', async () => {
    vi.spyOn(ledger, 'settle').mockRejectedValueOnce(new Error('READONLY'));
    const job = await submit('r1');
    vi.spyOn(ledger, 'join').mockRejectedValueOnce(new Error('READONLY'));
    limiter.give(2);
    await expect(job.verdict).resolves.toMatchObject({ kind: 'postpone', reason: 'carried-elsewhere' });
  });

  it('that passes sends the job back with the delay that the ledger knows', async () => {
    answer = async () => ({ ok: false, failure: createFailure('InternalError', 'no') });
    const job = await submit('r1');
    limiter.give();
    const verdict = await job.verdict;
    expect(verdict).toMatchObject({ kind: 'retry', failure: { code: 'InternalError' } });
    const standing = await ledger.join({ requestId: 'r1', position: 0 });
    expect(standing.kind).toBe('later');
  });

  it('with the call limit makes all workers slow down, and the job waits on', async () => {
    answer = async () => ({ ok: false, failure: createFailure('RequestLimitExceeded', 'no') });
    const job = await submit('r1');
    limiter.give();
    await waitUntil('the refusal is told', () => limiter.refusals === 1);
    answer = async () => accepted;
    limiter.give();
    await expect(job.verdict).resolves.toEqual({ kind: 'done' });
    expect(sent).toHaveLength(2);
  });
});

describe('a dispatcher that is drained', () => {
  it('hands waiting jobs back unspent and takes no further ones', async () => {
    const job = await submit('r1');
    await dispatcher.drain();
    const draining = { kind: 'postpone', reason: 'draining', delayMs: 0 };
    await expect(job.verdict).resolves.toEqual(draining);
    const late = await submit('r2');
    await expect(late.verdict).resolves.toEqual(draining);
    expect(sent).toEqual([]);
  });

  it('waits for the calls in flight', async () => {
    let land: (result: CallResult<undefined>) => void = () => {};
    answer = () =>
      new Promise((resolve) => {
        land = resolve;
      });
    const job = await submit('r1');
    limiter.give();
    await waitUntil('the call is under way', () => sent.length === 1);
    let isDrained = false;
    const drained = dispatcher.drain().then(() => {
      isDrained = true;
    });
    await client.ping();
    expect(isDrained).toBe(false);
    land(accepted);
    await drained;
    await expect(job.verdict).resolves.toEqual({ kind: 'done' });
  });
});
