import { afterEach, describe, expect, it } from 'vitest';
import { type Installation, startInstallation } from '../support/installation.js';

let installation: Installation;

afterEach(async () => {
  await installation.close();
});

const quickPatience = { timings: { patience: { againAfterMs: 3_000, deadlineMs: 8_000 } } };

describe('the read-back', () => {
  it('proves every instance stopped before the request is finished', async () => {
    installation = await startInstallation();
    const { invocationId, instanceIds } = installation.simulator.addInvocation({ instances: 150 });
    const { requestId } = await installation.producer.enqueue({
      targets: [{ invocationId, instanceIds: [...instanceIds] }],
    });
    const status = await installation.producer.waitUntilFinished(requestId);
    expect(status).toMatchObject({ total: 150, calls: 2, counts: { terminated: 150, accepted: 0 } });
  });

  it('counts a whole invocation in instances once its members are known', async () => {
    installation = await startInstallation();
    const { invocationId } = installation.simulator.addInvocation({ instances: 7 });
    const { requestId } = await installation.producer.enqueue({ targets: [{ invocationId }] });
    expect((await installation.producer.status(requestId))?.total).toBe(1);
    const status = await installation.producer.waitUntilFinished(requestId);
    expect(status).toMatchObject({ total: 7, calls: 1, counts: { terminated: 7 } });
  });

  it('gives every kind of task its true outcome', async () => {
    installation = await startInstallation({ worker: quickPatience });
    const { invocationId, instanceIds } = installation.simulator.addInvocation({
      instances: 5,
      exceptions: { 1: 'pending', 2: 'finished', 3: 'ignoresFirstCancel', 4: 'agentGone' },
    });
    const { requestId } = await installation.producer.enqueue({
      targets: [{ invocationId, instanceIds: [...instanceIds] }],
    });
    const status = await installation.producer.waitUntilFinished(requestId);
    expect(status.counts).toMatchObject({
      terminated: 2,
      cancelled: 1,
      'already-finished': 1,
      'dead-lettered': 1,
    });
    const { deadLetters } = await installation.deadLetters.list({ requestId }, { limit: 10 });
    expect(deadLetters.map((letter) => [letter.error.code, letter.target.instanceIds])).toEqual([
      ['NotConfirmed', [instanceIds[4]]],
    ]);
  }, 30_000);

  it('asks for the tasks page by page, however many instances turn out to be unrelated', async () => {
    installation = await startInstallation({ workers: 0 });
    const { simulator, producer } = installation;
    const [busy, good] = simulator.addInvocations(2, { instances: 150 });
    if (busy === undefined || good === undefined) throw new Error('two invocations were to be there');
    const unrelated = Array.from({ length: 1_000 }, (_, index) => `ins-${String(index).padStart(8, '0')}`);
    const requests = await Promise.all([
      producer.enqueue({ targets: [{ invocationId: busy.invocationId, instanceIds: unrelated }] }),
      producer.enqueue({ targets: [{ invocationId: busy.invocationId }] }),
      producer.enqueue({ targets: [{ invocationId: good.invocationId }] }),
    ]);
    installation.startWorker();
    const statuses = await Promise.all(
      requests.map(({ requestId }) => producer.waitUntilFinished(requestId)),
    );
    expect(statuses.map(({ counts }) => [counts.terminated, counts['dead-lettered']])).toEqual([
      [0, 1_000],
      [150, 0],
      [150, 0],
    ]);
    expect(simulator.record.calls('CancelInvocation')).toHaveLength(2);
    expect(simulator.record.calls('DescribeInvocationTasks').length).toBeLessThanOrEqual(10);
  }, 90_000);

  it('cancels once more before it gives up, though it could not look in time', async () => {
    installation = await startInstallation({ worker: quickPatience });
    const { simulator, producer } = installation;
    const { invocationId, instanceIds } = simulator.addInvocation({
      instances: 2,
      exceptions: { 1: 'ignoresFirstCancel' },
    });
    simulator.faults.always('DescribeInvocations', { code: 'InternalError' });
    const { requestId } = await producer.enqueue({
      targets: [{ invocationId, instanceIds: [...instanceIds] }],
    });
    await simulator.record.waitForCalls(5, 'DescribeInvocations'); // two seconds and more apart: the deadline is over
    simulator.faults.clear();
    const status = await producer.waitUntilFinished(requestId);
    expect(status.counts).toMatchObject({ terminated: 2, 'dead-lettered': 0 });
  }, 60_000);
});
