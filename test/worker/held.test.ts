import { describe, expect } from 'vitest';
import { BlockedStateStore } from '../../src/shared/blocked-state.js';
import { CapturedLog } from '../support/captured-log.js';
import type { Installation } from '../support/installation.js';
import { it } from '../support/installed-test.js';
import { attemptsSpent, countsOf, failedJobs, untilDeadLetters, untilFinished } from '../support/outcomes.js';
import { waitUntil } from '../support/wait-until.js';

const secretId = 'AKIDSIMULATOR';

/** Asks for all instances of some invocations, as one request each. */
async function cancelSome({ simulator, producer }: Installation, invocations: number, region?: string) {
  const spec = { instances: 2, ...(region === undefined ? {} : { region }) };
  return await Promise.all(
    simulator.addInvocations(invocations, spec).map(async ({ invocationId, instanceIds }) => {
      const targets = [{ invocationId, instanceIds: [...instanceIds], ...(region ? { region } : {}) }];
      const { requestId } = await producer.enqueue({ targets, confirm: false });
      return { requestId, invocationId };
    }),
  );
}

function blockedState({ redis, prefix }: Installation): BlockedStateStore {
  return new BlockedStateStore(redis, prefix);
}

async function untilHeld(installation: Installation) {
  return await waitUntil('the work is held', () => blockedState(installation).read());
}

describe.concurrent('while the cloud does not accept the key', () => {
  it('all work waits unspent, nothing is dead-lettered, and it goes on by itself', async ({ install }) => {
    const log = new CapturedLog('info');
    const installation = await install({ workers: 2, worker: { attempts: 1, logger: log.logger } });
    const { simulator } = installation;
    simulator.credentials.disable(secretId);
    const requests = await cancelSome(installation, 20);
    expect(await untilHeld(installation)).toMatchObject({ code: 'AuthFailure.SecretIdNotFound' });
    const callsWhenHeld = simulator.record.count('CancelInvocation');
    await simulator.record.waitForCalls(2, 'DescribeInvocations'); // two probes, seconds apart
    const callsSinceHeld = simulator.record.count('CancelInvocation') - callsWhenHeld;
    expect(callsSinceHeld).toBeLessThanOrEqual(20); // what both workers had in flight
    simulator.credentials.enable(secretId);
    for (const { requestId } of requests) {
      expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 2 });
      expect(await attemptsSpent(installation, requestId)).toBe(0);
    }
    expect((await installation.deadLetters.list({}, { limit: 10 })).deadLetters).toEqual([]);
    expect(await failedJobs(installation)).toEqual([]);
    expect(log.saying('no longer held').length).toBeGreaterThan(0);
  });

  it('the status says why', async ({ install }) => {
    const installation = await install();
    installation.simulator.credentials.update(secretId, { secretKey: 'another-secret-key' });
    const [request] = await cancelSome(installation, 1);
    await untilHeld(installation);
    const status = await installation.producer.status(request?.requestId ?? '');
    expect(status?.held).toMatchObject({ code: 'AuthFailure.SignatureFailure' });
    expect(status?.counts.waiting).toBe(2);
  });
});

describe.concurrent('a refusal of access management', () => {
  it('of one target becomes its dead letter, and the others are carried out', async ({ install }) => {
    const installation = await install();
    const { simulator, producer } = installation;
    await Promise.all(
      (await cancelSome(installation, 2)).map(({ requestId }) => untilFinished(installation, requestId)),
    );
    const denied = simulator.addInvocation();
    simulator.credentials.update(secretId, { deniedInvocations: [denied.invocationId] });
    const { requestId } = await producer.enqueue({
      targets: [{ invocationId: denied.invocationId, instanceIds: [...denied.instanceIds] }],
      confirm: false,
    });
    const others = await cancelSome(installation, 5);
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ 'dead-lettered': 1 });
    const [letter] = await untilDeadLetters(installation, 1, { requestId });
    expect(letter?.error.code).toBe('UnauthorizedOperation.CamAuthFailed');
    for (const other of others) {
      expect(countsOf(await untilFinished(installation, other.requestId))).toEqual({ accepted: 2 });
    }
  });

  it('of every cancel never empties the queue into the dead letters', async ({ install }) => {
    const installation = await install({
      worker: { callsInFlight: 1, timings: { breaker: { canaryEveryMs: 500 } } },
    });
    const { simulator } = installation;
    const [first] = await cancelSome(installation, 1);
    await untilFinished(installation, first?.requestId ?? '');
    simulator.credentials.update(secretId, { deniedActions: ['CancelInvocation'] });
    const requests = await cancelSome(installation, 12);
    await waitUntil('some are blocked', async () =>
      [...(await blockedState(installation).readAll()).partial.values()].some(
        ({ scope, targets = 0 }) => scope === 'targets' && targets >= 10,
      ),
    );
    const calls = simulator.record.count('CancelInvocation');
    await simulator.record.waitForCalls(calls + 2, 'CancelInvocation'); // one is let through now and then
    const { deadLetters } = await installation.deadLetters.list({}, { limit: 100 });
    expect(deadLetters.length).toBeLessThanOrEqual(2);
    simulator.credentials.update(secretId, { deniedActions: [] });
    const finished = await Promise.all(
      requests.map(({ requestId }) => untilFinished(installation, requestId)),
    );
    const accepted = finished.filter((status) => status.counts.accepted === 2);
    expect(accepted).toHaveLength(12 - deadLetters.length);
  });
});

describe.concurrent('a region that the cloud does not know', () => {
  it('becomes a dead letter, and neither stops nor delays the others, even if it comes first', async ({
    install,
  }) => {
    const installation = await install();
    const { producer, simulator } = installation;
    const wrong = await producer.enqueue({
      targets: [{ invocationId: 'inv-00000001', region: 'ap-nowhere' }],
      confirm: false,
    });
    await simulator.record.waitForCalls(1, 'CancelInvocation');
    const others = await cancelSome(installation, 3);
    for (const { requestId } of others) {
      expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 2 });
    }
    expect(countsOf(await untilFinished(installation, wrong.requestId))).toEqual({ 'dead-lettered': 1 });
    const [letter] = await untilDeadLetters(installation, 1);
    expect(letter).toMatchObject({ target: { region: 'ap-nowhere' }, error: { code: 'UnsupportedRegion' } });
  });
});
