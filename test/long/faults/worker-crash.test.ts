import { describe, expect } from 'vitest';
import type { Installation } from '../../support/installation.js';
import { it } from '../../support/installed-test.js';
import { callsFor, countsOf, failedJobs, untilDeadLetters, untilFinished } from '../../support/outcomes.js';
import { WorkerProcess } from '../../support/worker-process.js';

/** A worker's death is noticed within a second or two, and its calls are given to others a little sooner. */
const timings = {
  lockMs: 2_500,
  stalledEveryMs: 300,
  reconcileEveryMs: 200,
  leaseMarginMs: 100,
};
const hasty = { workers: 0, worker: { timings, callTimeoutMs: 3_000 } };

/** Resolves as soon as the next cancel call has arrived, before it is answered. */
async function nextCancel({ simulator }: Installation): Promise<void> {
  await simulator.record.waitForCalls(simulator.record.count('CancelInvocation') + 1, 'CancelInvocation');
}

/** Asks for `jobs` times ten instances of as many invocations. */
async function cancelTens({ simulator, producer }: Installation, jobs: number) {
  const invocations = simulator.addInvocations(jobs, { instances: 10 });
  const { requestId } = await producer.enqueue({
    targets: invocations.map(({ invocationId, instanceIds }) => ({
      invocationId,
      instanceIds: [...instanceIds],
    })),
    confirm: false,
  });
  return { requestId, invocations };
}

describe.concurrent('a worker that is killed in the middle of a call', () => {
  it.for([
    ['not carried out', false],
    ['carried out', true],
  ] as const)(
    'leaves everything to the others, and no instance is cancelled more than twice: a call %s',
    async ([, executes], { install }) => {
      const installation = await install(hasty);
      installation.simulator.faults.add({ action: 'CancelInvocation', to: 3, answer: 'hang', executes });
      const { requestId, invocations } = await cancelTens(installation, 12);
      const { callTimeoutMs } = hasty.worker;
      const process = await WorkerProcess.start(installation, { timings, callTimeoutMs, callsInFlight: 3 });
      await installation.simulator.record.waitForCalls(3, 'CancelInvocation');
      await process.kill();
      installation.startWorker();
      const status = await untilFinished(installation, requestId);
      expect(countsOf(status)).toEqual({ accepted: 120 });
      for (const { invocationId, instanceIds } of invocations) {
        for (const id of instanceIds) {
          expect(callsFor(installation, invocationId, id).length).toBeLessThanOrEqual(2);
        }
      }
      expect(installation.simulator.record.count('CancelInvocation')).toBe(15);
      expect((await installation.deadLetters.list({}, { limit: 10 })).deadLetters).toEqual([]);
      expect(await failedJobs(installation)).toEqual([]);
    },
  );
});

describe.concurrent('a job that kills every worker', () => {
  it('is given up after so many deaths, with the reason, and the innocent are carried out', async ({
    install,
  }) => {
    const installation = await install({
      ...hasty,
      worker: { ...hasty.worker, timings: { ...timings, mostLosses: 1 } },
    });
    const { simulator } = installation;
    const { requestId } = await cancelTens(installation, 1);
    simulator.faults.always('CancelInvocation', { answer: 'hang' });
    for (let deaths = 0; deaths < 2; deaths++) {
      const arrived = nextCancel(installation);
      const process = await WorkerProcess.start(installation, {
        timings: { ...timings, mostLosses: 1 },
        callTimeoutMs: hasty.worker.callTimeoutMs,
      });
      await arrived;
      await process.kill();
    }
    simulator.faults.clear();
    const innocent = await cancelTens(installation, 1);
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, innocent.requestId))).toEqual({
      accepted: 10,
    });
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({
      'dead-lettered': 10,
    });
    const [letter] = await untilDeadLetters(installation, 1);
    expect(letter).toMatchObject({
      requestId,
      error: {
        code: 'StalledTooOften',
        message: 'The workers that were sending its cancel died or froze too often.',
      },
    });
    expect(letter?.target.instanceIds).toHaveLength(10);
    expect(await failedJobs(installation)).toEqual([]);
  });
});
