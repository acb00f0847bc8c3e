import { describe, expect } from 'vitest';
import type { FaultRule } from '../../../src/simulator/index.js';
import { it } from '../../support/fault-test.js';
import { fullLengthOr } from '../../support/full-length.js';
import { pass } from '../../support/pass-time.js';
import { waitUntil } from '../../support/wait-until.js';

type Effect = Omit<FaultRule, 'action'>;

describe.concurrent('a cloud that does what it is told and then fails', () => {
  it.for<[string, Effect]>([
    ['with an error', { code: 'InternalError' }],
    ['with HTTP 502', { http: 502 }],
    ['by never answering', { answer: 'hang' }],
    ['by cutting its answer', { answer: 'cut-body' }],
  ])(
    'has every instance end as stopped, and none sent more often than it failed: %s',
    async ([what, effect], { scene }) => {
      const it = await scene({ worker: { attempts: 20 } });
      it.simulator.faults.add({ action: 'CancelInvocation', share: 0.4, executes: true, ...effect });
      await it.ask({ invocations: 40 });
      const { outcomes } = await it.verify({ fault: `cloud cancels, then fails ${what}, 40 % of calls` });
      expect(outcomes).toEqual({ terminated: 200 });
    },
  );
});

/** Not beside others: megabytes by the dozen keep this process, and with it all simulators, from looking at arrivals. */
describe('answers of every broken kind', () => {
  const answers = [
    'reset',
    'stalled-body',
    'cut-body',
    'cut-chunked-body',
    'empty-body',
    'not-json',
    'empty-object',
    'no-request-id',
  ] as const;

  it('to cancels and read-backs leave one true outcome each, in flat memory', async ({ scene }) => {
    const it = await scene({ worker: { attempts: 40 } });
    for (const action of ['CancelInvocation', 'DescribeInvocations']) {
      for (const answer of answers) it.simulator.faults.add({ action, answer, share: 0.04 });
      it.simulator.faults.add({ action, http: 503, bodyBytes: 20_000_000, share: 0.04 });
      it.simulator.faults.add({ action, http: 200, bodyBytes: 20_000_000, share: 0.04 });
    }
    await it.ask({ invocations: 60 });
    const { outcomes } = await it.verify({ fault: 'broken answers of every kind, half of all calls' });
    expect(outcomes).toEqual({ terminated: 300 });
    for (const worker of it.workers) expect(worker.memoryMiB()).toBeLessThan(300);
  });

  it('that never stop make dead letters with the last reason', async ({ scene }) => {
    const it = await scene({ worker: { attempts: 3, callTimeoutMs: 500 } });
    it.simulator.faults.always('CancelInvocation', { answer: 'hang' });
    await it.ask({ invocations: 8 });
    const { outcomes } = await it.verify({ fault: 'cloud never answers' });
    expect(outcomes).toEqual({ 'dead-lettered': 40 });
    const { deadLetters } = await it.deadLetters.list({}, { limit: 100 });
    expect(new Set(deadLetters.map(({ error }) => error.code))).toEqual(new Set(['CallTimeout']));
    expect(new Set(deadLetters.map(({ attempts }) => attempts))).toEqual(new Set([3]));
  });
});

describe.concurrent('a cloud that cannot be reached', () => {
  it.for([
    ['refuses connections', undefined],
    ['answers 503', { http: 503 }],
  ] as const)(
    'and %s for a while costs no outcome, and is not stormed when it is back',
    { timeout: fullLengthOr(900_000, 180_000) },
    async ([what, effect], { scene }) => {
      const it = await scene({ worker: { attempts: 40 } });
      await it.ask({ invocations: 120 });
      await it.calls(10);
      await it.disrupt('the cloud is away', async () => {
        if (effect === undefined) await it.simulator.close();
        else it.simulator.faults.always('CancelInvocation', effect);
        await pass(fullLengthOr(600_000, 4_000));
        it.simulator.faults.clear();
        await it.simulator.start();
      });
      const { outcomes } = await it.verify({ fault: `cloud ${what} for a while`, withinMs: 120_000 });
      expect(outcomes).toEqual({ terminated: 600 });
    },
  );
});

describe.concurrent('a cloud that refuses', () => {
  it('calls for the limit, since somebody else uses it too, costs no attempt, and the rate falls', async ({
    scene,
  }) => {
    const it = await scene({ worker: { attempts: 1 }, simulator: { callsPerSecond: 40 } });
    const other = it.simulator.startForeignClient('CancelInvocation', 25);
    await it.ask({ invocations: 100 });
    await it.settled();
    other.stop();
    const { outcomes } = await it.verify({ fault: 'somebody else uses 25 of 40 calls/s' });
    expect(outcomes).toEqual({ terminated: 500 });
    const refused = it.simulator.record.countByCode().CancelInvocation?.RequestLimitExceeded ?? 0;
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(30);
  });

  it('its key for a while holds the work, buries nothing, and goes on by itself', async ({ scene }) => {
    const it = await scene({ worker: { attempts: 2 } });
    await it.ask({ invocations: 100 });
    await it.calls(20);
    it.simulator.credentials.disable('AKIDSIMULATOR');
    const state = await waitUntil('held', async () => (await it.redis.get(`${it.prefix}:held`)) ?? undefined);
    expect(JSON.parse(state)).toMatchObject({ code: 'AuthFailure.SecretIdNotFound' });
    const calls = it.simulator.record.count('CancelInvocation');
    await pass(3_000);
    expect(it.simulator.record.count('CancelInvocation') - calls).toBeLessThan(40); // those under way, until the others have heard
    it.simulator.credentials.enable('AKIDSIMULATOR');
    const { outcomes } = await it.verify({ fault: 'key disabled for 3 s' });
    expect(outcomes).toEqual({ terminated: 500 });
  });

  it('strangers among a hundred ids, of which some have finished, gives each id one record', async ({
    scene,
  }) => {
    const it = await scene();
    const strangers = ['ins-stranger1', 'ins-stranger2', 'ins-stranger3'];
    const exceptions = { 3: 'finished', 50: 'pending', 77: 'finished' } as const;
    const invocations = it.simulator.addInvocations(10, { instances: 97, exceptions });
    const targets = invocations.map(({ invocationId, instanceIds }) => ({
      invocationId,
      instanceIds: [...instanceIds, ...strangers],
    }));
    await it.enqueue({ targets });
    const { outcomes } = await it.verify({ fault: 'strangers and finished ones among the ids of calls' });
    expect(outcomes).toEqual({
      terminated: 940,
      cancelled: 10,
      'already-finished': 20,
      'dead-lettered': 30,
    });
  });
});
