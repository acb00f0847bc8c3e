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

describe('DescribeInvokers', () => {
  it('shows a schedule with its command, instances and plan', async () => {
    const { invokerId } = simulator.addInvoker({
      name: 'nightly cleanup',
      commandId: 'cmd-00000001',
      instanceIds: ['ins-00000001', 'ins-00000002'],
    });
    const { TotalCount, InvokerSet } = await client.DescribeInvokers({ InvokerIds: [invokerId] });
    expect(TotalCount).toBe(1);
    expect(InvokerSet?.[0]).toMatchObject({
      InvokerId: expect.stringMatching(/^ivk-[0-9a-z]{8}$/),
      Name: 'nightly cleanup',
      Type: 'SCHEDULE',
      CommandId: 'cmd-00000001',
      InstanceIds: ['ins-00000001', 'ins-00000002'],
      Enable: true,
      ScheduleSettings: { Policy: 'RECURRENCE', Recurrence: '*/5 * * * *' },
      CreatedTime: '2026-01-01T00:00:00Z',
    });
  });

  it('filters by command, id and type, within its region', async () => {
    const mine = simulator.addInvoker({ commandId: 'cmd-00000001' });
    const other = simulator.addInvoker({ commandId: 'cmd-00000002' });
    simulator.addInvoker({ commandId: 'cmd-00000001', region: 'ap-guangzhou' });
    const idsWith = async (Name: string, ...Values: string[]) => {
      const { InvokerSet = [] } = await client.DescribeInvokers({ Filters: [{ Name, Values }] });
      return InvokerSet.map(({ InvokerId }) => InvokerId);
    };
    expect(await idsWith('command-id', 'cmd-00000001')).toEqual([mine.invokerId]);
    expect(await idsWith('invoker-id', other.invokerId)).toEqual([other.invokerId]);
    expect(await idsWith('invoker-type', 'SCHEDULE')).toEqual([mine.invokerId, other.invokerId]);
    expect(await idsWith('invoker-type', 'EVENT')).toEqual([]);
  });

  it('shows pages of 20 unless told otherwise, and 100 at most', async () => {
    for (let count = 0; count < 130; count++) simulator.addInvoker();
    const sizeOf = async (paging: object) => (await client.DescribeInvokers(paging)).InvokerSet?.length;
    expect(await sizeOf({})).toBe(20);
    expect(await sizeOf({ Limit: 100 })).toBe(100);
    expect(await sizeOf({ Limit: 100, Offset: 100 })).toBe(30);
    const refused = await refusalOf(simulator, { action: 'DescribeInvokers', body: { Limit: 101 } });
    expect(refused?.Code).toBe('InvalidParameterValue');
  });

  it.each([
    [{ InvokerIds: ['ivk-1'] }, 'InvalidParameterValue.InvalidInvokerId'],
    [{ Filters: [{ Name: 'type', Values: ['SCHEDULE'] }] }, 'InvalidParameterValue.InvalidFilter'],
    [
      { InvokerIds: ['ivk-00000001'], Filters: [{ Name: 'command-id', Values: ['cmd-00000001'] }] },
      'InvalidParameter.ConflictParameter',
    ],
  ])('refuses %j', async (body, code) => {
    expect((await refusalOf(simulator, { action: 'DescribeInvokers', body }))?.Code).toBe(code);
  });
});

describe('an invoker', () => {
  it('starts its command when its time has come, which its records and the invocation tell', async () => {
    const { invokerId, commandId } = simulator.addInvoker({ instanceIds: ['ins-00000001'] });
    const first = simulator.world.invoke(invokerId)?.facts.invocationId ?? '';
    clock.advance(300_000);
    const second = simulator.world.invoke(invokerId)?.facts.invocationId ?? '';
    const { TotalCount, InvokerRecordSet } = await client.DescribeInvokerRecords({ InvokerIds: [invokerId] });
    expect(TotalCount).toBe(2);
    expect(InvokerRecordSet).toMatchObject([
      { InvokerId: invokerId, InvocationId: second, InvokeTime: '2026-01-01T00:05:00Z', Result: 'RUNNING' },
      { InvokerId: invokerId, InvocationId: first, InvokeTime: '2026-01-01T00:00:00Z', Result: 'RUNNING' },
    ]);
    const { InvocationSet } = await client.DescribeInvocations({ InvocationIds: [first] });
    expect(InvocationSet).toMatchObject([{ CommandId: commandId, InvocationSource: 'INVOKER' }]);
    const { InvocationTaskSet } = await client.DescribeInvocationTasks({
      Filters: [{ Name: 'instance-id', Values: ['ins-00000001'] }],
    });
    expect(InvocationTaskSet?.map(({ InvocationSource }) => InvocationSource)).toEqual([
      'INVOKER',
      'INVOKER',
    ]);
  });

  it('starts nothing any more once it is disabled, and may be disabled twice', async () => {
    const { invokerId } = simulator.addInvoker();
    clock.advance(1_000);
    await client.DisableInvoker({ InvokerId: invokerId });
    clock.advance(1_000);
    await client.DisableInvoker({ InvokerId: invokerId });
    expect(simulator.world.invoke(invokerId)).toBeUndefined();
    const { InvokerSet } = await client.DescribeInvokers({ InvokerIds: [invokerId] });
    expect(InvokerSet).toMatchObject([{ Enable: false, UpdatedTime: '2026-01-01T00:00:01Z' }]);
  });

  it.each([
    [{}, 'MissingParameter'],
    [{ InvokerId: 'inv-00000001' }, 'InvalidParameterValue.InvalidInvokerId'],
    [{ InvokerId: 'ivk-nowhere00' }, 'ResourceNotFound'],
  ])('is not disabled by %j', async (body, code) => {
    expect((await refusalOf(simulator, { action: 'DisableInvoker', body }))?.Code).toBe(code);
  });
});
