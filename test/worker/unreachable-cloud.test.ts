import { describe, expect } from 'vitest';
import type { FaultRule } from '../../src/simulator/index.js';
import { askFor, callsSince, gapsMs } from '../support/cancel-calls.js';
import { freePort } from '../support/free-port.js';
import type { Installation } from '../support/installation.js';
import { it } from '../support/installed-test.js';
import { attemptsSpent, countsOf, untilDeadLetters, untilFinished } from '../support/outcomes.js';
import { pass } from '../support/pass-time.js';
import { createTestClient } from '../support/test-worker.js';
import { waitUntil } from '../support/wait-until.js';

/** Of a real outage of minutes, these take the part that buried everything: all attempts of a job would fit in. */
const hurried = { attempts: 3, callTimeoutMs: 3_000, callsPerSecond: 20 };
/** Where calls are to time out, and yet not those that a busy machine answers late. */
const impatient = { ...hurried, callTimeoutMs: 800 };
const outageMs = 9_000;

/** Longer than `attempts` failures with their back-off. Nothing may be spent or buried by then. */
async function expectNothingSpent(installation: Installation, requests: readonly { requestId: string }[]) {
  await pass(outageMs);
  expect((await installation.deadLetters.list({}, { limit: 10 })).deadLetters).toEqual([]);
  for (const { requestId } of requests) {
    expect(await attemptsSpent(installation, requestId)).toBe(0);
  }
}

async function untilHeld({ producer }: Installation, requestId: string) {
  return await waitUntil(
    'the status says why',
    async () => (await producer.status(requestId))?.held ?? undefined,
  );
}

async function untilAllAccepted(installation: Installation, requests: readonly { requestId: string }[]) {
  for (const { requestId } of requests) {
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 2 });
  }
}

describe.concurrent('a cloud that cannot be reached', { timeout: 90_000 }, () => {
  it('because it refuses connections costs nothing, and the work goes on by itself', async ({ install }) => {
    const installation = await install({ workers: 2, worker: hurried });
    const { simulator } = installation;
    await simulator.close();
    const requests = await askFor(installation, { invocations: 12 });
    expect(await untilHeld(installation, requests[0]?.requestId ?? '')).toMatchObject({
      code: 'NetworkError',
    });
    await expectNothingSpent(installation, requests);
    await simulator.start();
    const backAtMs = performance.now();
    await simulator.record.waitForCalls(simulator.record.count('CancelInvocation') + 1, 'CancelInvocation');
    expect(performance.now() - backAtMs).toBeLessThan(10_000);
    await untilAllAccepted(installation, requests);
  });

  it('because its name does not resolve costs nothing', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const client = createTestClient(`https://tat.nowhere.invalid:${await freePort()}`, hurried.callTimeoutMs);
    installation.startWorker({ ...hurried, client });
    const requests = await askFor(installation, { invocations: 5 });
    expect(await untilHeld(installation, requests[0]?.requestId ?? '')).toMatchObject({
      code: 'NetworkError',
    });
    await expectNothingSpent(installation, requests);
  });

  it.for<[string, Omit<FaultRule, 'action'>, string]>([
    ['is silent', { answer: 'hang' }, 'CallTimeout'],
    ['answers 502 to everything', { http: 502 }, 'HttpStatus.502'],
    ['resets every connection', { answer: 'reset' }, 'NetworkError'],
  ])(
    'because it %s costs nothing, is asked at most every two seconds, and goes on by itself',
    async ([, fault, code], { install }) => {
      const worker = code === 'CallTimeout' ? impatient : hurried;
      const installation = await install({ workers: 2, worker });
      const { simulator } = installation;
      simulator.faults.add(fault);
      const requests = await askFor(installation, { invocations: 12 });
      expect(await untilHeld(installation, requests[0]?.requestId ?? '')).toMatchObject({ code });
      await expectNothingSpent(installation, requests);
      const probes = simulator.record.calls('DescribeInvocations');
      expect(probes.length).toBeGreaterThanOrEqual(3);
      expect(Math.min(...gapsMs(probes))).toBeGreaterThan(2_000);
      simulator.faults.clear();
      const backAtMs = performance.now();
      await waitUntil('a call goes out again', () =>
        callsSince(installation, 'CancelInvocation', backAtMs).some(({ code: answer }) => answer === 'OK'),
      );
      expect(performance.now() - backAtMs).toBeLessThan(10_000);
      await untilAllAccepted(installation, requests);
    },
  );

  it('in the middle of the work costs nothing either', async ({ install }) => {
    const installation = await install({ worker: { ...hurried, attempts: 1 } });
    const { simulator } = installation;
    const requests = await askFor(installation, { invocations: 60 });
    await simulator.record.waitForCalls(20, 'CancelInvocation');
    simulator.faults.add({ http: 502 });
    await pass(5_000);
    simulator.faults.clear();
    await untilAllAccepted(installation, requests);
    expect((await installation.deadLetters.list({}, { limit: 10 })).deadLetters).toEqual([]);
  });
});

describe.concurrent('a target that fails while others succeed', { timeout: 60_000 }, () => {
  it.for<[string, Omit<FaultRule, 'action'>, string]>([
    ['by never being answered', { answer: 'hang' }, 'CallTimeout'],
    ['with 502', { http: 502 }, 'HttpStatus.502'],
    ['by an error inside the cloud', { code: 'InternalError' }, 'InternalError'],
  ])('spends its attempts and becomes a dead letter: %s', async ([, fault, code], { install }) => {
    const installation = await install({ worker: code === 'CallTimeout' ? impatient : hurried });
    const { simulator, producer } = installation;
    const bad = simulator.addInvocation({ instances: 2 });
    simulator.faults.add({ action: 'CancelInvocation', invocationId: bad.invocationId, ...fault });
    const { requestId } = await producer.enqueue({
      targets: [{ invocationId: bad.invocationId, instanceIds: [...bad.instanceIds] }],
      confirm: false,
    });
    const others = await askFor(installation, { invocations: 10 });
    await untilAllAccepted(installation, others);
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ 'dead-lettered': 2 });
    const [letter] = await untilDeadLetters(installation, 1, { requestId });
    expect(letter).toMatchObject({ error: { code }, attempts: hurried.attempts });
    expect((await producer.status(others[0]?.requestId ?? ''))?.held).toBeNull();
  });

  it('becomes one as well when it is all there is to do, for the cloud answers reads', async ({
    install,
  }) => {
    const installation = await install({ worker: { ...hurried, attempts: 2 } });
    installation.simulator.faults.always('CancelInvocation', { http: 502 });
    const [request] = await askFor(installation, { invocations: 1 });
    const status = await untilFinished(installation, request?.requestId ?? '');
    expect(countsOf(status)).toEqual({ 'dead-lettered': 2 });
  });
});
