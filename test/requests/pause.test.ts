import { describe, expect } from 'vitest';
import { it } from '../support/installed-test.js';
import { countsOf, untilFinished } from '../support/outcomes.js';
import { addTargets } from '../support/request-truth.js';
import { waitUntil } from '../support/wait-until.js';

describe.concurrent('a pause by hand', { timeout: 60_000 }, () => {
  it('keeps back jobs that workers hold already, until it is ended', async ({ install }) => {
    const installation = await install({
      workers: 2,
      simulator: { callsPerSecond: 20 },
      worker: { callsPerSecond: 20 },
    });
    const { producer, simulator } = installation;
    const targets = addTargets(installation, 120, 2);
    const { requestId } = await producer.enqueue({ targets, confirm: false });
    await simulator.record.waitForCalls(10, 'CancelInvocation');
    const pausedAtMs = performance.now();
    await producer.pause();
    await waitUntil('four seconds are over', () => performance.now() - pausedAtMs > 4_000);
    const [last] = simulator.record.calls('CancelInvocation').slice(-1);
    expect((last?.atMs ?? 0) - pausedAtMs).toBeLessThan(2_500);
    const sent = simulator.record.count('CancelInvocation');
    expect(sent).toBeLessThan(120);
    expect(await producer.status(requestId)).toMatchObject({ paused: true, held: null, etaSeconds: null });
    await producer.resume();
    expect(countsOf(await untilFinished(installation, requestId, 40_000))).toEqual({ accepted: 240 });
    expect(simulator.record.count('CancelInvocation')).toBe(120);
  });

  it('outlasts a hold that ends meanwhile, and both are told apart', async ({ install }) => {
    const installation = await install();
    const { producer, simulator } = installation;
    simulator.credentials.disable('AKIDSIMULATOR');
    const targets = addTargets(installation, 5, 2);
    const { requestId } = await producer.enqueue({ targets, confirm: false });
    const untilTold = (what: string, held: boolean, paused: boolean) =>
      waitUntil(what, async () => {
        const status = await producer.status(requestId);
        return (status?.held !== null) === held && status?.paused === paused;
      });
    await untilTold('held', true, false);
    await producer.pause();
    await untilTold('held and paused', true, true);
    const probes = simulator.record.count('DescribeInvocations');
    await simulator.record.waitForCalls(probes + 2, 'DescribeInvocations'); // the workers have heard of it
    const sent = simulator.record.count('CancelInvocation');
    simulator.credentials.enable('AKIDSIMULATOR');
    await untilTold('paused only', false, true);
    expect(simulator.record.count('CancelInvocation')).toBe(sent);
    await producer.resume();
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 10 });
  });
});
