import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSimulator, type Simulator } from '../../../src/simulator/index.js';
import { refusalOf, type SdkClient, sdkClient } from '../../support/simulator-client.js';
import { HandClock } from '../../support/simulator-clock.js';

let simulator: Simulator;
let clock: HandClock;
let client: SdkClient;

beforeEach(async () => {
  clock = new HandClock(Date.UTC(2026, 0, 1));
  simulator = createSimulator({ clock, callsPerSecond: 0 });
  await simulator.start();
  client = sdkClient(simulator);
});
afterEach(() => simulator.close());

const fiveFilters = (name: string, count: number) =>
  Array.from({ length: count }, () => ({ Name: name, Values: ['x'] }));

describe('DescribeInvocations', () => {
  it('shows an invocation with all of its tasks', async () => {
    const { invocationId, instanceIds, command } = simulator.addInvocation({
      instances: 200,
      exceptions: { 1: 'pending', 2: 'finished' },
    });
    const { TotalCount, InvocationSet = [] } = await client.DescribeInvocations({
      InvocationIds: [invocationId],
    });
    const [shown] = InvocationSet;
    expect(TotalCount).toBe(1);
    expect(shown).toMatchObject({
      InvocationId: invocationId,
      CommandId: command.commandId,
      InvocationStatus: 'RUNNING',
      InstanceKind: 'CVM',
      InvocationSource: 'USER',
      CreatedTime: '2026-01-01T00:00:00Z',
      StartTime: '2026-01-01T00:00:00Z',
      EndTime: null,
    });
    const tasks = shown?.InvocationTaskBasicInfoSet ?? [];
    expect(tasks.map(({ InstanceId }) => InstanceId)).toEqual(instanceIds);
    expect(tasks.slice(0, 3).map(({ TaskStatus }) => TaskStatus)).toEqual(['RUNNING', 'PENDING', 'SUCCESS']);
    expect(new Set(tasks.map(({ InvocationTaskId }) => InvocationTaskId)).size).toBe(200);
  });

  it('follows a cancel to its end', async () => {
    const { invocationId } = simulator.addInvocation({ instances: 2, behaviour: { cancelMs: 1000 } });
    const status = async () => {
      const answer = await client.DescribeInvocations({ InvocationIds: [invocationId] });
      return [answer.InvocationSet?.[0]?.InvocationStatus, answer.InvocationSet?.[0]?.EndTime];
    };
    clock.advance(5000);
    await client.CancelInvocation({ InvocationId: invocationId });
    expect(await status()).toEqual(['CANCELLING', null]);
    clock.advance(1000);
    expect(await status()).toEqual(['CANCELLED', '2026-01-01T00:00:06Z']);
  });

  it('holds the planted secret, so that tests can look for it elsewhere', async () => {
    const { invocationId } = simulator.addInvocation();
    const answer = await client.DescribeInvocations({ InvocationIds: [invocationId] });
    const text = JSON.stringify(answer);
    expect(simulator.secretTraces.filter((trace) => text.includes(trace))).toHaveLength(2);
  });

  it('leaves out ids that name nothing in this region', async () => {
    const here = simulator.addInvocation();
    const elsewhere = simulator.addInvocation({ region: 'ap-guangzhou' });
    const ids = [elsewhere.invocationId, 'inv-nowhere0', here.invocationId, here.invocationId];
    const answer = await client.DescribeInvocations({ InvocationIds: ids });
    expect([answer.TotalCount, answer.InvocationSet?.[0]?.InvocationId]).toEqual([1, here.invocationId]);
  });

  it('pages, 20 at a time unless told otherwise', async () => {
    const ids = simulator.addInvocations(45).map(({ invocationId }) => invocationId);
    const page = async (paging: object) => {
      const answer = await client.DescribeInvocations(paging);
      expect(answer.TotalCount).toBe(45);
      return answer.InvocationSet?.map(({ InvocationId }) => InvocationId);
    };
    expect(await page({})).toEqual(ids.slice(0, 20));
    expect(await page({ Offset: 40 })).toEqual(ids.slice(40));
    expect(await page({ Limit: 100 })).toEqual(ids);
    expect(await page({ Offset: 100 })).toEqual([]);
  });

  it.each([
    ['invocation-id', 'first'],
    ['command-id', 'first'],
    ['instance-kind', 'second'],
  ])('filters by %s', async (Name, which) => {
    const first = simulator.addInvocation();
    const second = simulator.addInvocation({ instanceKind: 'LIGHTHOUSE' });
    const value = { 'invocation-id': first.invocationId, 'command-id': first.command.commandId }[Name];
    const answer = await client.DescribeInvocations({ Filters: [{ Name, Values: [value ?? 'LIGHTHOUSE'] }] });
    const expected = which === 'first' ? first : second;
    expect(answer.InvocationSet?.map(({ InvocationId }) => InvocationId)).toEqual([expected.invocationId]);
  });

  it('filters by who created the command', async () => {
    simulator.addInvocation();
    const count = async (who: string) => {
      const answer = await client.DescribeInvocations({
        Filters: [{ Name: 'command-created-by', Values: [who] }],
      });
      return answer.TotalCount;
    };
    expect([await count('USER'), await count('TAT')]).toEqual([1, 0]);
  });

  const bad: [what: string, body: unknown, code: string][] = [
    [
      'ids together with filters',
      { InvocationIds: ['inv-aaaaaaaa'], Filters: fiveFilters('command-id', 1) },
      'InvalidParameter.ConflictParameter',
    ],
    ['an unknown filter', { Filters: fiveFilters('status', 1) }, 'InvalidParameterValue.InvalidFilter'],
    [
      'more than 10 filters',
      { Filters: fiveFilters('command-id', 11) },
      'InvalidParameterValue.LimitExceeded',
    ],
    [
      'more than 5 values',
      { Filters: [{ Name: 'command-id', Values: ['1', '2', '3', '4', '5', '6'] }] },
      'LimitExceeded.FilterValueExceeded',
    ],
    ['a filter without values', { Filters: [{ Name: 'command-id' }] }, 'MissingParameter'],
    [
      'more than 100 ids',
      { InvocationIds: new Array(101).fill('inv-aaaaaaaa') },
      'InvalidParameterValue.LimitExceeded',
    ],
    ['a malformed id', { InvocationIds: ['aaaaaaaa'] }, 'InvalidParameterValue.InvalidInvocationId'],
    ['a page of more than 100', { Limit: 101 }, 'InvalidParameterValue'],
    ['half a page', { Limit: 1.5 }, 'InvalidParameter'],
    ['a page before the first', { Offset: -1 }, 'InvalidParameterValue'],
  ];
  it.each(bad)('refuses %s', async (_what, body, code) => {
    expect((await refusalOf(simulator, { action: 'DescribeInvocations', body }))?.Code).toBe(code);
  });
});

describe('DescribeInvocationTasks', () => {
  it('shows the tasks of an invocation, by pages', async () => {
    simulator.addInvocation({ instances: 5 });
    const { invocationId, instanceIds } = simulator.addInvocation({ instances: 150 });
    const Filters = [{ Name: 'invocation-id', Values: [invocationId] }];
    const first = await client.DescribeInvocationTasks({ Filters, Limit: 100 });
    const second = await client.DescribeInvocationTasks({ Filters, Limit: 100, Offset: 100 });
    expect([first.TotalCount, second.TotalCount]).toEqual([150, 150]);
    const shown = [...(first.InvocationTaskSet ?? []), ...(second.InvocationTaskSet ?? [])];
    expect(shown.map(({ InstanceId }) => InstanceId)).toEqual(instanceIds);
    expect(shown[0]).toMatchObject({
      InvocationId: invocationId,
      TaskStatus: 'RUNNING',
      StartTime: '2026-01-01T00:00:00Z',
      EndTime: null,
    });
  });

  it('shows the tasks of an instance in all invocations of the region', async () => {
    const instanceIds = ['ins-aaaaaaaa', 'ins-bbbbbbbb'];
    const mine = [simulator.addInvocation({ instanceIds }), simulator.addInvocation({ instanceIds })];
    simulator.addInvocation({ instances: 3 });
    simulator.addInvocation({ instanceIds, region: 'ap-guangzhou' });
    const answer = await client.DescribeInvocationTasks({
      Filters: [{ Name: 'instance-id', Values: ['ins-bbbbbbbb'] }],
    });
    expect(answer.InvocationTaskSet?.map(({ InvocationId }) => InvocationId)).toEqual(
      mine.map(({ invocationId }) => invocationId),
    );
  });

  it('finds tasks by their own ids, as ids or as a filter', async () => {
    const { invocationId, instanceIds } = simulator.addInvocation({ instances: 3 });
    const [, instanceId = ''] = instanceIds;
    const taskId = simulator.task(invocationId, instanceId)?.invocationTaskId ?? '';
    const byId = await client.DescribeInvocationTasks({ InvocationTaskIds: [taskId, 'invt-00000000'] });
    const byFilter = await client.DescribeInvocationTasks({
      Filters: [{ Name: 'invocation-task-id', Values: [taskId] }],
    });
    for (const answer of [byId, byFilter]) {
      expect(answer.InvocationTaskSet?.map(({ InstanceId }) => InstanceId)).toEqual([instanceId]);
    }
  });

  it('filters by command', async () => {
    const { command } = simulator.addInvocation({ instances: 2 });
    simulator.addInvocation();
    const Filters = [{ Name: 'command-id', Values: [command.commandId] }];
    expect((await client.DescribeInvocationTasks({ Filters })).TotalCount).toBe(2);
  });

  it('hides the output unless it is asked for', async () => {
    simulator.addInvocation();
    const hidden = await client.DescribeInvocationTasks({});
    const shown = await client.DescribeInvocationTasks({ HideOutput: false });
    expect(hidden.InvocationTaskSet?.[0]?.TaskResult?.Output).toBe('');
    expect(shown.InvocationTaskSet?.[0]?.TaskResult?.Output).not.toBe('');
  });

  it.each([
    ['finished', 'SUCCESS', 0],
    [{ runMs: 0, ending: 'FAILED' as const }, 'FAILED', 1],
    ['running', 'RUNNING', -1],
  ] as const)('gives the exit code of a task that is %j', async (behaviour, status, exitCode) => {
    simulator.addInvocation({ behaviour });
    const { InvocationTaskSet } = await client.DescribeInvocationTasks({});
    expect(InvocationTaskSet?.[0]).toMatchObject({ TaskStatus: status, TaskResult: { ExitCode: exitCode } });
  });

  const bad: [what: string, body: unknown, code: string][] = [
    [
      'ids together with filters',
      { InvocationTaskIds: ['invt-aaaaaaaa'], Filters: fiveFilters('command-id', 1) },
      'InvalidParameter.ConflictParameter',
    ],
    [
      'a malformed id',
      { InvocationTaskIds: ['inv-aaaaaaaa'] },
      'InvalidParameterValue.InvalidInvocationTaskId',
    ],
    ['an unknown filter', { Filters: fiveFilters('status', 1) }, 'InvalidParameterValue.InvalidFilter'],
    ['a text for HideOutput', { HideOutput: 'yes' }, 'InvalidParameter'],
  ];
  it.each(bad)('refuses %s', async (_what, body, code) => {
    expect((await refusalOf(simulator, { action: 'DescribeInvocationTasks', body }))?.Code).toBe(code);
  });
});
