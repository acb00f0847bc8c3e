import { describe, expect } from 'vitest';
import { redisKeys } from '../../src/shared/redis-keys.js';
import { it } from '../support/installed-test.js';
import { countsOf, untilDeadLetters, untilFinished, untilStatus } from '../support/outcomes.js';
import { addTargets, compareWithCloud } from '../support/request-truth.js';

const realLimit = { simulator: { callsPerSecond: 20 }, workers: 2, worker: { callsPerSecond: 20 } };

describe('a request for 25,000 instances that is withdrawn under way', { timeout: 60_000 }, () => {
  it('is sent no further, and every instance has its true outcome', async ({ install }) => {
    const installation = await install(realLimit);
    const { producer, simulator } = installation;
    const { requestId } = await producer.enqueue({ targets: addTargets(installation, 125, 200) });
    await simulator.record.waitForCalls(30, 'CancelInvocation');
    const askedAtMs = performance.now();
    await producer.withdraw(requestId);
    const end = await untilFinished(installation, requestId, 40_000);
    const calls = simulator.record.calls('CancelInvocation');
    expect((calls.at(-1)?.atMs ?? 0) - askedAtMs).toBeLessThan(2_000);
    const carried = calls.reduce((sum, { instanceCount }) => sum + instanceCount, 0);
    expect(end.state).toBe('withdrawn');
    expect(countsOf(end)).toEqual({ terminated: carried, withdrawn: 25_000 - carried });
    expect(await compareWithCloud(installation, requestId)).toEqual({ lies: [], compared: 25_000 });
    expect((await producer.withdraw(requestId)).counts).toEqual(end.counts);
    expect(simulator.record.count('CancelInvocation')).toBe(calls.length);
  });
});

describe.concurrent('what a call carries while its request is withdrawn', { timeout: 60_000 }, () => {
  it('is withdrawn when the call fails in passing', async ({ install }) => {
    const installation = await install();
    const { producer, simulator } = installation;
    simulator.faults.add({ action: 'CancelInvocation', code: 'InternalError', delayMs: 2_000 });
    const { requestId } = await producer.enqueue({ targets: addTargets(installation, 1, 6) });
    await simulator.record.waitForCalls(1, 'CancelInvocation');
    expect((await producer.withdraw(requestId)).counts.waiting).toBe(6);
    const end = await untilFinished(installation, requestId);
    expect(countsOf(end)).toEqual({ withdrawn: 6 });
    expect(simulator.record.count('CancelInvocation')).toBe(1);
  });

  it('is withdrawn when the worker that sent it never tells', async ({ install }) => {
    const timings = { leaseMarginMs: 0, reconcileEveryMs: 200 };
    const installation = await install({ worker: { callTimeoutMs: 1_000, timings } });
    const { producer, simulator, workers } = installation;
    simulator.faults.always('CancelInvocation', { answer: 'hang' });
    const { requestId } = await producer.enqueue({ targets: addTargets(installation, 1, 5) });
    await simulator.record.waitForCalls(1, 'CancelInvocation');
    await workers[0]?.close(0);
    await producer.withdraw(requestId);
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ withdrawn: 5 });
  });

  it('keeps its true end, and is not cancelled once more when the task runs on', async ({ install }) => {
    const patience = { againAfterMs: 100, deadlineMs: 5_000 };
    const installation = await install({ worker: { timings: { patience } } });
    const { producer, simulator } = installation;
    const { invocationId, instanceIds } = simulator.addInvocation({
      instances: 3,
      exceptions: { 1: 'ignoresFirstCancel' },
    });
    const { requestId } = await producer.enqueue({
      targets: [{ invocationId, instanceIds: [...instanceIds] }],
    });
    await untilStatus(installation, requestId, 'all is accepted', ({ counts }) => counts.accepted === 3);
    await producer.withdraw(requestId);
    const end = await untilFinished(installation, requestId, 30_000);
    expect(countsOf(end)).toEqual({ terminated: 2, 'dead-lettered': 1 });
    expect(end.state).toBe('withdrawn');
    expect(simulator.record.count('CancelInvocation')).toBe(1);
    const [letter] = await untilDeadLetters(installation, 1, { requestId });
    expect(letter?.error.code).toBe('NotConfirmed');
  });
});

describe('a withdrawal whose process died half way', () => {
  it('is completed by the workers, without a call', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const { producer, redis, prefix, simulator } = installation;
    const { requestId } = await producer.enqueue({ targets: addTargets(installation, 5, 4) });
    await redis.hset(redisKeys(prefix).request(requestId), 'withdrawnAt', Date.now());
    installation.startWorker();
    const end = await untilFinished(installation, requestId);
    expect(countsOf(end)).toEqual({ withdrawn: 20 });
    expect(end.state).toBe('withdrawn');
    expect(simulator.record.count('CancelInvocation')).toBe(0);
  });
});
