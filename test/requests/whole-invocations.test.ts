import { describe, expect } from 'vitest';
import type { Installation } from '../support/installation.js';
import { it } from '../support/installed-test.js';
import { openDeadLetters } from '../support/test-dead-letters.js';

const sizes = [1, 100, 101, 200];
const patience = { againAfterMs: 2_000, deadlineMs: 6_000 };
const hurried = { worker: { timings: { patience } } };

/** Two in a hundred, and at least one. */
function deafOf(size: number): Record<number, 'ignoresFirstCancel'> {
  const deaf = Array.from({ length: Math.max(1, Math.floor(size / 50)) }, (_, nth) => nth * 50);
  return Object.fromEntries(deaf.map((position) => [position, 'ignoresFirstCancel']));
}

async function enqueueWhole({ producer }: Installation, invocationId: string): Promise<string> {
  return (await producer.enqueue({ targets: [{ invocationId }] })).requestId;
}

describe.concurrent('a whole invocation', () => {
  it.for(sizes)(
    'of %i instances ends stopped, those deaf to the first cancel included',
    {
      timeout: 40_000,
    },
    async (size, { install }) => {
      const installation = await install(hurried);
      const { invocationId } = installation.simulator.addInvocation({
        instances: size,
        exceptions: deafOf(size),
      });
      const requestId = await enqueueWhole(installation, invocationId);
      const status = await installation.producer.waitUntilFinished(requestId);
      expect(status).toMatchObject({ total: size, counts: { terminated: size, 'dead-lettered': 0 } });
    },
  );
  it('loses none of 2,000 instances in ten of them', { timeout: 60_000 }, async ({ install }) => {
    const installation = await install(hurried);
    const invocations = installation.simulator.addInvocations(10, {
      instances: 200,
      exceptions: deafOf(200),
    });
    const requestIds = await Promise.all(
      invocations.map(({ invocationId }) => enqueueWhole(installation, invocationId)),
    );
    const statuses = await Promise.all(
      requestIds.map((requestId) => installation.producer.waitUntilFinished(requestId)),
    );
    expect(statuses.reduce((sum, { counts }) => sum + counts.terminated, 0)).toBe(2_000);
  });

  it.for(sizes)(
    'of %i instances that nothing stops becomes one dead letter, and a redrive stops all',
    {
      timeout: 60_000,
    },
    async (size, { install }) => {
      const installation = await install(hurried);
      const { producer, simulator, deadLetters } = installation;
      const { invocationId } = simulator.addInvocation({ instances: size, behaviour: { ignoredCancels: 2 } });
      const requestId = await enqueueWhole(installation, invocationId);
      const given = await producer.waitUntilFinished(requestId);
      expect(given).toMatchObject({ total: size, counts: { 'dead-lettered': size } });
      await expect
        .poll(async () => (await deadLetters.list({}, { limit: 10 })).deadLetters)
        .toMatchObject([{ error: { code: 'NotConfirmed' }, target: { instanceIds: { length: size } } }]);
      const order = { selection: { filter: {} }, by: 'tester' };
      expect(await openDeadLetters(installation).redrive(order)).toMatchObject({
        letters: 1,
        instances: size,
      });
      expect(await producer.waitUntilFinished(requestId)).toMatchObject({
        total: size,
        counts: { terminated: size, 'dead-lettered': 0 },
      });
    },
  );

  it.for(sizes)(
    'of %i instances is withdrawn half-way: what no call carries is taken back',
    {
      timeout: 40_000,
    },
    async (size, { install }) => {
      const installation = await install(hurried);
      const { producer, simulator } = installation;
      const { invocationId } = simulator.addInvocation({ instances: size, exceptions: deafOf(size) });
      const requestId = await enqueueWhole(installation, invocationId);
      await simulator.record.waitForCalls(1, 'CancelInvocation');
      await producer.withdraw(requestId);
      const { counts } = await producer.waitUntilFinished(requestId);
      // Those deaf to the only call that went out run on, and are accounted for.
      const deaf = Object.keys(deafOf(size)).length;
      expect(counts).toMatchObject({ terminated: size - deaf, 'dead-lettered': deaf, waiting: 0 });
    },
  );

  it.for(sizes)(
    'of %i instances whose second cancel is refused for one of them stops all others',
    {
      timeout: 60_000,
    },
    async (size, { install }) => {
      const installation = await install(hurried);
      const { producer, simulator } = installation;
      const { invocationId, instanceIds } = simulator.addInvocation({
        instances: size,
        behaviour: 'ignoresFirstCancel',
      });
      const instanceId = instanceIds.at(-1) ?? '';
      simulator.faults.always('CancelInvocation', { instanceId, code: 'OperationDenied' });
      const requestId = await enqueueWhole(installation, invocationId);
      const { counts } = await producer.waitUntilFinished(requestId);
      expect(counts).toMatchObject({ terminated: size - 1, 'dead-lettered': 1 });
    },
  );

  it.for(sizes)('of %i instances is listed by instance', async (size, { install }) => {
    const installation = await install(hurried);
    const { invocationId, instanceIds } = installation.simulator.addInvocation({ instances: size });
    const requestId = await enqueueWhole(installation, invocationId);
    await installation.producer.waitUntilFinished(requestId);
    const { instances } = await installation.producer.instances(requestId);
    expect(instances.map((record) => record.instanceId)).toEqual([...instanceIds]);
    const last = instanceIds.at(-1) ?? '';
    expect(await installation.producer.findInstance(last)).toMatchObject([
      { requestId, state: 'terminated' },
    ]);
  });
});
