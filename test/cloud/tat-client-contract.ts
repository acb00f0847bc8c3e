import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TatClient } from '../../src/cloud/tat-client.js';
import { failureOf, successOf } from './cloud-fixtures.js';

/** A cloud with something in it, and a client that reaches it. */
export interface TatClientWorld {
  readonly client: TatClient;
  readonly region: string;
  /** Runs on three instances until it is cancelled. */
  readonly running: { readonly invocationId: string; readonly instanceIds: readonly string[] };
  /** Has ended on its two instances. */
  readonly finished: { readonly invocationId: string; readonly instanceIds: readonly string[] };
  /** An enabled schedule that has started one invocation. */
  readonly scheduled: {
    readonly invokerId: string;
    readonly commandId: string;
    readonly invocationId: string;
  };
  close(): Promise<void>;
}

/** What every TAT client promises, whatever is behind it. */
export function describeTatClientContract(name: string, open: () => Promise<TatClientWorld>): void {
  describe(`${name} keeps the contract of a TAT client:`, () => {
    let world: TatClientWorld;

    beforeEach(async () => {
      world = await open();
    });

    afterEach(() => world.close());

    async function statuses(invocationId: string): Promise<Record<string, string>> {
      const { region, client } = world;
      const { tasks } = successOf(await client.describeInvocationTasks({ region, invocationId, limit: 100 }));
      return Object.fromEntries(tasks.map((task) => [task.instanceId, task.status]));
    }

    it('a cancel reaches the listed instances and no others', async () => {
      const { client, region, running } = world;
      const [first = '', ...others] = running.instanceIds;
      const result = await client.cancelInvocation({ ...running, region, instanceIds: [first] });
      expect(result).toMatchObject({ ok: true, cloudRequestId: expect.stringMatching(/./) });
      const found = await statuses(running.invocationId);
      expect(found[first]).toMatch(/^(CANCELLING|TERMINATED)$/);
      expect(others.map((instanceId) => found[instanceId])).toEqual(['RUNNING', 'RUNNING']);
    });

    it('a cancel without a list reaches all instances, and may be repeated', async () => {
      const { client, region, running } = world;
      const target = { region, invocationId: running.invocationId };
      successOf(await client.cancelInvocation(target));
      successOf(await client.cancelInvocation(target));
      expect(Object.values(await statuses(running.invocationId))).not.toContain('RUNNING');
    });

    it('a cancel of what has ended succeeds and changes nothing', async () => {
      const { client, region, finished } = world;
      const before = await statuses(finished.invocationId);
      successOf(await client.cancelInvocation({ ...finished, region }));
      expect(await statuses(finished.invocationId)).toEqual(before);
    });

    it('an empty list of instances cancels nothing', async () => {
      const { client, region, running } = world;
      const result = await client.cancelInvocation({ ...running, region, instanceIds: [] });
      expect(failureOf(result)).toMatchObject({ class: 'dead', scope: 'request' });
      expect(new Set(Object.values(await statuses(running.invocationId)))).toEqual(new Set(['RUNNING']));
    });

    it('an unknown invocation is dead as a whole', async () => {
      const { client, region } = world;
      const result = await client.cancelInvocation({ region, invocationId: 'inv-0unknown0' });
      expect(failureOf(result)).toMatchObject({
        class: 'dead',
        code: 'ResourceNotFound.InvocationNotFound',
        scope: 'invocation',
        cloudRequestId: expect.stringMatching(/./),
      });
    });

    it('a malformed invocation id is dead as a whole', async () => {
      const { client, region } = world;
      const result = await client.cancelInvocation({ region, invocationId: 'nonsense' });
      expect(failureOf(result)).toMatchObject({
        class: 'dead',
        code: 'InvalidParameterValue.InvalidInvocationId',
        scope: 'invocation',
      });
    });

    it('a stranger among the instances is dead, and who it is must be found out', async () => {
      const { client, region, running } = world;
      const instanceIds = [...running.instanceIds, 'ins-0stranger'];
      const result = await client.cancelInvocation({ ...running, region, instanceIds });
      expect(failureOf(result)).toMatchObject({
        class: 'dead',
        code: 'InvalidParameterValue.InstanceIsNotRelatedToInvocation',
        scope: 'unknown',
      });
    });

    it('more than a hundred instances are refused by the cloud', async () => {
      const { client, region, running } = world;
      const instanceIds = Array.from({ length: 101 }, (_, index) => `ins-${String(index).padStart(8, '0')}`);
      const result = await client.cancelInvocation({ ...running, region, instanceIds });
      expect(failureOf(result)).toMatchObject({ class: 'dead', code: 'InvalidParameterValue.LimitExceeded' });
    });

    it('invocations are shown with their tasks, and unknown ones are left out', async () => {
      const { client, region, running, finished } = world;
      const invocationIds = [running.invocationId, 'inv-0unknown0', finished.invocationId];
      const { totalCount, invocations } = successOf(
        await client.describeInvocations({ region, invocationIds, limit: 100 }),
      );
      expect(totalCount).toBe(2);
      const tasksOf = (invocationId: string) =>
        invocations.find((invocation) => invocation.invocationId === invocationId)?.tasks ?? [];
      expect(tasksOf(running.invocationId).map((task) => task.instanceId)).toEqual(running.instanceIds);
      expect(tasksOf(running.invocationId).every((task) => task.status === 'RUNNING')).toBe(true);
      expect(tasksOf(finished.invocationId)).toHaveLength(2);
    });

    it('tasks come page by page', async () => {
      const { client, region, running } = world;
      const pages = await Promise.all(
        [0, 2].map((offset) =>
          client.describeInvocationTasks({ region, invocationId: running.invocationId, offset, limit: 2 }),
        ),
      );
      const found = pages.map((page) => successOf(page));
      expect(found.map((page) => [page.totalCount, page.tasks.length])).toEqual([
        [3, 2],
        [3, 1],
      ]);
      const ids = found.flatMap((page) => page.tasks.map((task) => task.instanceId));
      expect(new Set(ids)).toEqual(new Set(running.instanceIds));
    });

    it('invokers are shown with their records, and are disabled', async () => {
      const { client, region, scheduled } = world;
      const { invokerId, commandId, invocationId } = scheduled;
      const isEnabled = async () => {
        const result = await client.describeInvokers({ region, commandIds: [commandId], limit: 100 });
        return successOf(result).invokers.map((invoker) => [invoker.invokerId, invoker.isEnabled]);
      };
      expect(await isEnabled()).toEqual([[invokerId, true]]);
      const records = await client.describeInvokerRecords({ region, invokerIds: [invokerId], limit: 100 });
      expect(successOf(records)).toEqual({ totalCount: 1, records: [{ invokerId, invocationId }] });
      successOf(await client.disableInvoker({ region, invokerId }));
      expect(await isEnabled()).toEqual([[invokerId, false]]);
    });

    it('a region that the cloud does not know holds the work of that region', async () => {
      const { client, running } = world;
      const result = await client.cancelInvocation({ ...running, region: 'ap-atlantis' });
      expect(failureOf(result)).toMatchObject({ class: 'hold', perRegion: true });
    });

    it('a call given up tells so and does not reject', async () => {
      const { client, region, running } = world;
      const result = await client.cancelInvocation({ ...running, region }, { signal: AbortSignal.abort() });
      expect(failureOf(result)).toMatchObject({ class: 'retry', code: 'CallAborted' });
    });

    it('a closed client fails its calls and may be closed again', async () => {
      const { client, region, running } = world;
      client.close();
      client.close();
      expect((await client.cancelInvocation({ ...running, region })).ok).toBe(false);
    });
  });
}
