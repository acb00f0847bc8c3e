import { describe, expect } from 'vitest';
import { redisKeys } from '../../src/shared/redis-keys.js';
import { it } from '../support/installed-test.js';
import { openDeadLetters } from '../support/test-dead-letters.js';
import { waitUntil } from '../support/wait-until.js';

const patience = { againAfterMs: 2_000, deadlineMs: 6_000 };
const hurried = { worker: { timings: { patience } } };
const everything = { selection: { filter: {} }, by: 'tester' };

describe('a redrive', () => {
  it('takes nothing from the time of others of its job, whose end comes as without it', async ({
    install,
  }) => {
    const installation = await install(hurried);
    const { producer, simulator } = installation;
    const deadLetters = openDeadLetters(installation);
    const { invocationId, instanceIds } = simulator.addInvocation({ instances: 1, behaviour: 'agentGone' });
    const [agentGone = ''] = instanceIds;
    const { requestId } = await producer.enqueue({
      targets: [{ invocationId, instanceIds: [agentGone, 'ins-00000000'] }],
    });
    await waitUntil('the member is accepted and the other one is dead', async () => {
      const { counts } = (await producer.status(requestId)) ?? {};
      return counts?.accepted === 1 && counts['dead-lettered'] === 1;
    });
    await waitUntil(
      'the letter can be redriven',
      async () => (await deadLetters.redrive(everything)).letters === 1,
    );
    const { counts } = await producer.waitUntilFinished(requestId, { signal: AbortSignal.timeout(30_000) });
    expect(counts).toMatchObject({ 'dead-lettered': 2 });
  });

  it('by 0.1.0 that took the time of acceptance away keeps no request open', async ({ install }) => {
    const { producer, simulator, redis, prefix } = await install(hurried);
    const { invocationId } = simulator.addInvocation({ instances: 1, behaviour: 'agentGone' });
    const { requestId } = await producer.enqueue({ targets: [{ invocationId }] });
    await waitUntil('it is accepted', async () => (await producer.status(requestId))?.counts.accepted === 1);
    await redis.hdel(redisKeys(prefix).request(requestId), 'c:0');
    const { counts } = await producer.waitUntilFinished(requestId, { signal: AbortSignal.timeout(20_000) });
    expect(counts).toMatchObject({ 'dead-lettered': 1 });
  });

  it('of a withdrawn request stops what it names and nothing else', async ({ install }) => {
    const installation = await install(hurried);
    const { producer, simulator } = installation;
    const deadLetters = openDeadLetters(installation);
    const [first, second] = simulator.addInvocations(2, { instances: 2 });
    if (first === undefined || second === undefined) throw new Error('two invocations were to be there');
    simulator.faults.next('CancelInvocation', {
      invocationId: first.invocationId,
      code: 'ResourceNotFound.InvocationNotFound',
    });
    simulator.faults.always('CancelInvocation', { invocationId: second.invocationId, code: 'InternalError' });
    const { requestId } = await producer.enqueue({
      targets: [first, second].map(({ invocationId, instanceIds }) => ({
        invocationId,
        instanceIds: [...instanceIds],
      })),
    });
    await waitUntil(
      'the first is dead',
      async () => (await producer.status(requestId))?.counts['dead-lettered'] === 2,
    );
    await producer.withdraw(requestId);
    await waitUntil(
      'the letter can be redriven',
      async () => (await deadLetters.redrive(everything)).letters === 1,
    );
    const { counts } = await producer.waitUntilFinished(requestId, { signal: AbortSignal.timeout(30_000) });
    expect(counts).toMatchObject({ terminated: 2, withdrawn: 2 });
  });
});
