import { describe, expect } from 'vitest';
import { redisKeys } from '../../../src/shared/redis-keys.js';
import { it } from '../../support/installed-test.js';
import { countsOf, untilDeadLetters, untilFinished, untilStatus } from '../../support/outcomes.js';
import { addTargets, compareWithCloud } from '../../support/request-truth.js';

describe.concurrent('the read-back of whole invocations', { timeout: 60_000 }, () => {
  it('names their members, and the total moves in step', async ({ install }) => {
    const installation = await install();
    const invocations = installation.simulator.addInvocations(5, {
      instances: 200,
      exceptions: { 7: 'finished', 8: 'pending' },
    });
    const { requestId } = await installation.producer.enqueue({
      targets: invocations.map(({ invocationId }) => ({ invocationId })),
    });
    const status = await untilFinished(installation, requestId, 40_000);
    expect(status).toMatchObject({ total: 1_000, calls: 5 });
    expect(countsOf(status)).toEqual({ terminated: 990, 'already-finished': 5, cancelled: 5 });
    expect(await compareWithCloud(installation, requestId)).toEqual({ lies: [], compared: 1_000 });
    const [member = ''] = invocations[2]?.instanceIds ?? [];
    expect(await installation.producer.findInstance(member)).toMatchObject([{ requestId }]);
  });

  it('asks for a stranger that they absorbed by name, and makes a dead letter of it', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const { producer, simulator } = installation;
    const [target] = addTargets(installation, 1, 20);
    const { invocationId = '', instanceIds = [] } = target ?? {};
    const listed = [...instanceIds.slice(0, 3), 'ins-stranger1'];
    const some = await producer.enqueue({ targets: [{ invocationId, instanceIds: listed }] });
    const all = await producer.enqueue({ targets: [{ invocationId }] });
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, some.requestId, 40_000))).toEqual({
      terminated: 3,
      'dead-lettered': 1,
    });
    expect(countsOf(await untilFinished(installation, all.requestId, 40_000))).toEqual({ terminated: 20 });
    const [letter] = await untilDeadLetters(installation, 1, { requestId: some.requestId });
    expect(letter?.target.instanceIds).toEqual(['ins-stranger1']);
    expect(simulator.record.count('CancelInvocation')).toBe(1);
    expect(simulator.record.count('DescribeInvocationTasks')).toBeGreaterThan(0);
  });
});

describe('accepted instances of 300 invocations', { timeout: 90_000 }, () => {
  it('outlive a read-back that fails, and are then proved by two workers with a handful of calls', async ({
    install,
  }) => {
    const installation = await install();
    const { producer, simulator, redis, prefix } = installation;
    simulator.faults.add({ action: 'DescribeInvocations', code: 'InternalError' });
    const { requestId } = await producer.enqueue({ targets: addTargets(installation, 300, 1) });
    await untilStatus(installation, requestId, 'accepted', ({ counts }) => counts.accepted === 300, 60_000);
    await simulator.record.waitForAnswers(2, 'DescribeInvocations');
    expect((await producer.status(requestId))?.counts).toMatchObject({ accepted: 300 });
    await Promise.all(installation.workers.map((worker) => worker.close(5_000)));
    const due = redisKeys(prefix).readBackDue;
    for (const target of await redis.zrange(due, '0', '-1')) await redis.zadd(due, 0, target);
    simulator.faults.clear();
    const before = simulator.record.count('DescribeInvocations');
    installation.startWorker();
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, requestId, 60_000))).toEqual({ terminated: 300 });
    // Three when each takes a full hundred; one more when the two share a hundred between them.
    expect(simulator.record.count('DescribeInvocations') - before).toBeLessThanOrEqual(4);
    expect((await installation.deadLetters.list({}, { limit: 10 })).deadLetters).toEqual([]);
  });
});
