import { describe, expect } from 'vitest';
import type { CancelRequest } from '../../src/shared/schemas.js';
import type { Installation } from '../support/installation.js';
import { it } from '../support/installed-test.js';
import { callsFor, countsOf, untilDeadLetters, untilFinished, untilStatus } from '../support/outcomes.js';

const strangerCode = 'InvalidParameterValue.InstanceIsNotRelatedToInvocation';

/** Asks for some instances, or for the whole invocation. */
async function cancel(
  { producer }: Installation,
  invocationId: string,
  instanceIds?: readonly string[],
  changes: Partial<CancelRequest> = {},
): Promise<string> {
  const target = { invocationId, ...(instanceIds === undefined ? {} : { instanceIds: [...instanceIds] }) };
  return (await producer.enqueue({ targets: [target], confirm: false, ...changes })).requestId;
}

function cancelCalls({ simulator }: Installation) {
  return simulator.record.calls('CancelInvocation');
}

describe.concurrent('jobs that wait for the same invocation', () => {
  it('share calls of up to a hundred instances, whoever asked', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const { invocationId, instanceIds } = installation.simulator.addInvocation({ instances: 150 });
    const requests = await Promise.all(instanceIds.map((id) => cancel(installation, invocationId, [id])));
    installation.startWorker();
    for (const requestId of requests) {
      const status = await untilFinished(installation, requestId);
      expect(status).toMatchObject({ total: 1, counts: { accepted: 1 }, calls: 1 });
    }
    const sizes = cancelCalls(installation).map((call) => call.instanceCount);
    expect(sizes).toEqual([100, 50]);
  });

  it('send an instance once that both ask for, and both are done', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const { invocationId, instanceIds } = installation.simulator.addInvocation({ instances: 3 });
    const [one = '', two = '', three = ''] = instanceIds;
    const requests = [
      await cancel(installation, invocationId, [one, two]),
      await cancel(installation, invocationId, [two, three]),
    ];
    installation.startWorker();
    for (const requestId of requests) {
      expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 2 });
    }
    expect(cancelCalls(installation).map((call) => call.instanceIds)).toEqual([[one, two, three]]);
  });

  it('of several workers share calls, too', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const { invocationId, instanceIds } = installation.simulator.addInvocation({ instances: 90 });
    const requests = await Promise.all(instanceIds.map((id) => cancel(installation, invocationId, [id])));
    for (let started = 0; started < 3; started++) installation.startWorker({ concurrency: 10 });
    for (const requestId of requests) {
      expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 1 });
    }
    expect(cancelCalls(installation)).toHaveLength(1);
  });

  it('are absorbed by a request for the whole invocation', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const { invocationId, instanceIds } = installation.simulator.addInvocation({ instances: 120 });
    const some = await cancel(installation, invocationId, instanceIds.slice(0, 110), { confirm: true });
    const all = await cancel(installation, invocationId, undefined, { confirm: true });
    installation.startWorker();
    for (const requestId of [some, all]) {
      const { counts } = await untilFinished(installation, requestId);
      expect(counts.waiting + counts.accepted + counts['dead-lettered']).toBe(0);
    }
    expect(cancelCalls(installation).map((call) => call.instanceIds)).toEqual([undefined]);
  });

  it('are sent in calls of their own for different invocations and regions', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const { simulator } = installation;
    const invocations = [
      simulator.addInvocation({ instances: 2 }),
      simulator.addInvocation({ instances: 2 }),
      simulator.addInvocation({ instances: 2, region: 'ap-tokyo' }),
    ];
    const requests = await Promise.all(
      invocations.map(({ invocationId, instanceIds, region }) =>
        cancel(installation, invocationId, instanceIds, { region }),
      ),
    );
    installation.startWorker();
    for (const requestId of requests) {
      expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 2 });
    }
    const sent = cancelCalls(installation).map((call) => `${call.region} ${call.invocationId}`);
    expect(sent.sort()).toEqual(
      invocations.map(({ region, invocationId }) => `${region} ${invocationId}`).sort(),
    );
  });
});

describe.concurrent('three strangers among a hundred instances of three jobs', () => {
  async function setUp(installation: Installation) {
    const { invocationId, instanceIds } = installation.simulator.addInvocation({ instances: 97 });
    const strangers = ['ins-stranger1', 'ins-stranger2', 'ins-stranger3'];
    const shares = [instanceIds.slice(0, 33), instanceIds.slice(33, 66), instanceIds.slice(66)];
    const requests = await Promise.all(
      shares.map((share, index) =>
        cancel(installation, invocationId, [...share.slice(0, 7), strangers[index] ?? '', ...share.slice(7)]),
      ),
    );
    return { strangers, requests };
  }

  async function expectOnlyStrangersDead(
    installation: Installation,
    requests: string[],
    strangers: string[],
  ) {
    const statuses = await Promise.all(requests.map((requestId) => untilFinished(installation, requestId)));
    expect(statuses.map(({ counts }) => counts['dead-lettered'])).toEqual([1, 1, 1]);
    expect(statuses.reduce((sum, { counts }) => sum + counts.accepted, 0)).toBe(97);
    const letters = await untilDeadLetters(installation, 3);
    expect(letters.map((letter) => letter.requestId).sort()).toEqual([...requests].sort());
    expect(letters.flatMap((letter) => letter.target.instanceIds).sort()).toEqual(strangers);
    expect(new Set(letters.map((letter) => letter.error.code))).toEqual(new Set([strangerCode]));
    expect(installation.simulator.countByStatus().RUNNING ?? 0).toBe(0);
  }

  it('die alone, at the price of two calls more when the members can be read', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const { requests, strangers } = await setUp(installation);
    installation.startWorker();
    await expectOnlyStrangersDead(installation, requests, strangers);
    expect(cancelCalls(installation).length).toBeLessThanOrEqual(3);
  });

  it('die alone even when the members cannot be read, within 25 calls', async ({ install }) => {
    const installation = await install({ workers: 0 });
    installation.simulator.faults.always('DescribeInvocations', { code: 'InternalError' });
    const { requests, strangers } = await setUp(installation);
    installation.startWorker();
    await expectOnlyStrangersDead(installation, requests, strangers);
    expect(cancelCalls(installation).length).toBeLessThanOrEqual(25);
  });
});

describe.concurrent('a whole invocation that is refused', () => {
  it('condemns the jobs that asked for all of it, and what it had absorbed is sent by itself', async ({
    install,
  }) => {
    const installation = await install({ workers: 0 });
    const { invocationId, instanceIds } = installation.simulator.addInvocation({ instances: 3 });
    installation.simulator.faults.next('CancelInvocation', { code: 'OperationDenied' });
    const some = await cancel(installation, invocationId, instanceIds, { confirm: true });
    const all = await cancel(installation, invocationId);
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, all))).toEqual({ 'dead-lettered': 1 });
    expect((await untilFinished(installation, some)).counts['dead-lettered']).toBe(0);
    const [letter] = await untilDeadLetters(installation, 1);
    expect(letter?.target).toEqual({ region: 'ap-singapore', invocationId });
  });
});

describe.concurrent('an urgent request', () => {
  it('overtakes a backlog that waits in the worker', async ({ install }) => {
    const installation = await install({ workers: 0, worker: { callsPerSecond: 50, callsInFlight: 2 } });
    await overtakes(installation, 500);
  });

  it('overtakes a backlog that waits in the queue', async ({ install }) => {
    const installation = await install({ workers: 0, worker: { callsPerSecond: 50, callsInFlight: 2 } });
    await overtakes(installation, 5);
  });

  async function overtakes(installation: Installation, concurrency: number): Promise<void> {
    const { simulator } = installation;
    const backlog = await Promise.all(
      simulator
        .addInvocations(60)
        .map(({ invocationId, instanceIds }) => cancel(installation, invocationId, instanceIds)),
    );
    const { invocationId, instanceIds } = simulator.addInvocation();
    installation.startWorker({ concurrency });
    await simulator.record.waitForCalls(5, 'CancelInvocation');
    const urgent = await cancel(installation, invocationId, instanceIds, { priority: 'urgent' });
    const callsAhead = simulator.record.count('CancelInvocation');
    await untilFinished(installation, urgent);
    const [number = 0] = callsFor(installation, invocationId, instanceIds[0] ?? '');
    expect(number - callsAhead).toBeLessThanOrEqual(10);
    const last = backlog.at(-1) ?? '';
    await untilStatus(installation, last, 'the backlog is worked off', ({ state }) => state === 'finished');
  }
});
