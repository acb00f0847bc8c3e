import fc from 'fast-check';
import { describe, expect } from 'vitest';
import type { Installation } from '../support/installation.js';
import { it } from '../support/installed-test.js';
import { countsOf, untilFinished, untilStatus } from '../support/outcomes.js';

/** As patient as a busy machine needs. */
const worker = { wholeInvocationCalls: true, callsPerSecond: 200, timings: { coverMs: 10_000 } };

function callsOf({ simulator }: Installation, invocationId: string) {
  return simulator.record.calls('CancelInvocation').filter((call) => call.invocationId === invocationId);
}

const isWhole = (call: { instanceIds?: readonly string[] | undefined }) => call.instanceIds === undefined;

describe.concurrent('invocations of which every unfinished instance is asked for', () => {
  it('are cancelled by one call each, but for the one that is not kept waiting for that', async ({
    install,
  }) => {
    const installation = await install({ worker, workers: 0, simulator: { callsPerSecond: 0 } });
    const invocations = installation.simulator.addInvocations(8, { instances: 200 });
    const targets = invocations.map(({ invocationId, instanceIds }) => ({
      invocationId,
      instanceIds: [...instanceIds],
    }));
    const { requestId } = await installation.producer.enqueue({ targets });
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ terminated: 1_600 });
    const whole = invocations.filter(({ invocationId }) =>
      callsOf(installation, invocationId).every(isWhole),
    );
    expect(whole.length).toBeGreaterThan(0);
    for (const { invocationId } of whole) expect(callsOf(installation, invocationId)).toHaveLength(1);
  });

  it('are cancelled by lists where an operator wants it so', async ({ install }) => {
    const installation = await install({ worker: { ...worker, wholeInvocationCalls: false } });
    const { invocationId, instanceIds } = installation.simulator.addInvocation({ instances: 200 });
    const targets = [{ invocationId, instanceIds: [...instanceIds] }];
    await untilFinished(installation, (await installation.producer.enqueue({ targets })).requestId);
    expect(callsOf(installation, invocationId).map((call) => call.instanceIds?.length)).toEqual([100, 100]);
    expect(installation.simulator.record.count('DescribeInvocationTasks')).toBe(0);
  });

  it('are cancelled by lists when the cloud rejects calls without one', async ({ install }) => {
    const installation = await install({ worker, workers: 0, simulator: { callsPerSecond: 0 } });
    const { simulator, producer } = installation;
    const invocations = simulator.addInvocations(4, { instances: 150 });
    simulator.faults.always('CancelInvocation', { whole: true, code: 'UnsupportedOperation' });
    const targets = invocations.map(({ invocationId, instanceIds }) => ({
      invocationId,
      instanceIds: [...instanceIds],
    }));
    const { requestId } = await producer.enqueue({ targets });
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ terminated: 600 });
    for (const { invocationId } of invocations) {
      expect(callsOf(installation, invocationId).filter(isWhole).length).toBeLessThanOrEqual(1);
    }
  });
});

describe.concurrent('no call for a whole invocation is ever made', () => {
  it('where the cloud shows fewer tasks than it counts', async ({ install }) => {
    const simulator = { callsPerSecond: 0, tasksShown: 150 };
    const installation = await install({ worker, workers: 0, simulator });
    const invocations = installation.simulator.addInvocations(4, { instances: 200 });
    const targets = invocations.map(({ invocationId, instanceIds }) => ({
      invocationId,
      instanceIds: instanceIds.slice(0, 150), // all that are shown
    }));
    const { requestId } = await installation.producer.enqueue({ targets, confirm: false });
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 600 });
    expect(installation.simulator.record.calls('CancelInvocation').some(isWhole)).toBe(false);
  });

  it('where a member was not asked for or was withdrawn, whatever else is asked for', {
    timeout: 120_000,
  }, async ({ install }) => {
    const installation = await install({ worker, workers: 0, simulator: { callsPerSecond: 0 } });
    const { simulator, producer } = installation;
    const plan = fc.record({
      instances: fc.integer({ min: 101, max: 200 }),
      left: fc.constantFrom('nothing', 'one', 'some', 'withdrawn'),
      singles: fc.integer({ min: 0, max: 20 }),
      unrelated: fc.boolean(),
    });
    let covered = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(plan, { minLength: 2, maxLength: 5 }), async (plans) => {
        const spared: string[] = [];
        const requests: string[] = [];
        for (const { instances, left, singles, unrelated } of plans) {
          const { invocationId, instanceIds } = simulator.addInvocation({ instances });
          const out = { nothing: 0, one: 1, some: 7, withdrawn: 3 }[left];
          if (out > 0) spared.push(invocationId);
          const enqueue = async (ids: readonly string[]) => {
            const target = { invocationId, instanceIds: [...ids] };
            return (await producer.enqueue({ targets: [target], confirm: false })).requestId;
          };
          const asked = instanceIds.slice(out);
          for (const id of asked.slice(0, singles)) requests.push(await enqueue([id]));
          requests.push(await enqueue([...asked.slice(singles), ...(unrelated ? ['ins-unrelated1'] : [])]));
          if (left === 'withdrawn') await producer.withdraw(await enqueue(instanceIds.slice(0, out)));
        }
        const started = installation.startWorker(); // so that all are there at once
        for (const requestId of requests) {
          await untilStatus(installation, requestId, 'nothing waits', ({ counts }) => counts.waiting === 0);
        }
        await started.close(1_000);
        const whole = simulator.record.calls('CancelInvocation').filter(isWhole);
        covered = whole.length;
        expect(
          whole.map(({ invocationId }) => invocationId).filter((id) => spared.includes(id ?? '')),
        ).toEqual([]);
      }),
      { numRuns: 12 },
    );
    expect(covered).toBeGreaterThan(0);
  });
});
