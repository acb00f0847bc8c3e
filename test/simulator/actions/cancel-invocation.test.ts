import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../../src/simulator/index.js';
import { refusalOf, sdkClient } from '../../support/simulator-client.js';
import { HandClock } from '../../support/simulator-clock.js';

describe('CancelInvocation', () => {
  let simulator: Simulator;
  let clock: HandClock;
  async function start(options: SimulatorOptions = {}): Promise<void> {
    clock = new HandClock();
    simulator = createSimulator({ clock, callsPerSecond: 0, ...options });
    await simulator.start();
  }
  beforeEach(() => start());
  afterEach(() => simulator.close());

  const cancel = (body: unknown) => refusalOf(simulator, { body });
  const statuses = (id: string, instanceIds: readonly string[]) =>
    instanceIds.map((instanceId) => simulator.task(id, instanceId)?.status);

  it('stops the instances listed and no others', async () => {
    const { invocationId, instanceIds } = simulator.addInvocation({ instances: 3 });
    const [first = '', , third = ''] = instanceIds;
    const answer = await sdkClient(simulator).CancelInvocation({
      InvocationId: invocationId,
      InstanceIds: [first, third],
    });
    const [call] = simulator.record.calls();
    expect(call).toMatchObject({
      code: 'OK',
      executed: true,
      cloudRequestId: answer.RequestId,
      instanceCount: 2,
    });
    expect(statuses(invocationId, instanceIds)).toEqual(['CANCELLING', 'RUNNING', 'CANCELLING']);
    clock.advance(100);
    expect(statuses(invocationId, instanceIds)).toEqual(['TERMINATED', 'RUNNING', 'TERMINATED']);
  });

  it('stops all instances when none is listed', async () => {
    const { invocationId } = simulator.addInvocation({
      instances: 200,
      exceptions: { 7: 'pending', 8: 'finished' },
    });
    await sdkClient(simulator).CancelInvocation({ InvocationId: invocationId });
    clock.advance(1000);
    expect(simulator.countByStatus()).toEqual({ SUCCESS: 1, CANCELLED: 1, TERMINATED: 198 });
  });

  it('is a success without effect for tasks that have ended or are being cancelled', async () => {
    const { invocationId, instanceIds } = simulator.addInvocation({
      instances: 2,
      behaviour: { cancelMs: 100 },
      exceptions: { 0: 'finished' },
    });
    expect(await cancel({ InvocationId: invocationId })).toBeUndefined();
    clock.advance(60);
    expect(await cancel({ InvocationId: invocationId })).toBeUndefined();
    clock.advance(40);
    expect(statuses(invocationId, instanceIds)).toEqual(['SUCCESS', 'TERMINATED']);
  });

  it('needs a second cancel where the agent missed the first', async () => {
    const { invocationId, instanceIds } = simulator.addInvocation({ behaviour: 'ignoresFirstCancel' });
    await cancel({ InvocationId: invocationId });
    clock.advance(60_000);
    expect(statuses(invocationId, instanceIds)).toEqual(['RUNNING']);
    await cancel({ InvocationId: invocationId });
    clock.advance(100);
    expect(statuses(invocationId, instanceIds)).toEqual(['TERMINATED']);
  });

  it('leaves tasks CANCELLING whose agent is gone', async () => {
    const { invocationId, instanceIds } = simulator.addInvocation({ behaviour: 'agentGone' });
    await cancel({ InvocationId: invocationId });
    clock.advance(3_600_000);
    expect(statuses(invocationId, instanceIds)).toEqual(['CANCELLING']);
  });

  const invocationId = 'inv-aaaaaaaa';
  const instanceId = 'ins-aaaaaaaa';
  const bad: [what: string, body: unknown, code: string, message: RegExp][] = [
    [
      'no invocation',
      {},
      'MissingParameter',
      /^The request is missing a required parameter `InvocationId`\.$/,
    ],
    [
      'an unknown parameter',
      { InvocationId: invocationId, Force: true },
      'UnknownParameter',
      /^The parameter `Force` is not recognized\.$/,
    ],
    [
      'a number for the invocation',
      { InvocationId: 7 },
      'InvalidParameter',
      /^The value type of parameter `InvocationId` is not valid$/,
    ],
    [
      'a text for the list',
      { InvocationId: invocationId, InstanceIds: instanceId },
      'InvalidParameter',
      /`InstanceIds`/,
    ],
    [
      'a number in the list',
      { InvocationId: invocationId, InstanceIds: [1] },
      'InvalidParameter',
      /`InstanceIds.0`/,
    ],
    [
      'a malformed invocation id',
      { InvocationId: 'invocation-1' },
      'InvalidParameterValue.InvalidInvocationId',
      /^The specified invocation id `invocation-1` is not valid\.$/,
    ],
    [
      'an endless invocation id',
      { InvocationId: `inv-${'a'.repeat(100)}` },
      'InvalidParameterValue.TooLong',
      /`InvocationId`/,
    ],
    [
      'a malformed instance id',
      { InvocationId: invocationId, InstanceIds: [instanceId, 'i-123'] },
      'InvalidParameterValue.InvalidInstanceId',
      /^The specified instance id `i-123` is not valid\.$/,
    ],
    [
      'more than 100 instances',
      { InvocationId: invocationId, InstanceIds: new Array(101).fill(instanceId) },
      'InvalidParameterValue.LimitExceeded',
      /`InstanceIds`/,
    ],
    [
      'an empty list',
      { InvocationId: invocationId, InstanceIds: [] },
      'InvalidParameterValue',
      /`\[\]`.*`InstanceIds`/,
    ],
    [
      'an unknown invocation',
      { InvocationId: 'inv-nowhere0' },
      'ResourceNotFound.InvocationNotFound',
      /`inv-nowhere0`/,
    ],
    [
      'a stranger in the list',
      { InvocationId: invocationId, InstanceIds: [instanceId, 'ins-stranger'] },
      'InvalidParameterValue.InstanceIsNotRelatedToInvocation',
      /^The specified instance is not related to the specified invocation\.$/,
    ],
  ];

  it.each(bad)('refuses %s and touches nothing', async (_what, body, code, message) => {
    simulator.addInvocation({ invocationId, instanceIds: [instanceId, 'ins-bbbbbbbb'] });
    const refusal = await cancel(body);
    expect(refusal?.Code).toBe(code);
    expect(refusal?.Message).toMatch(message);
    expect(simulator.countByStatus()).toEqual({ RUNNING: 2 });
    expect(simulator.record.calls()[0]).toMatchObject({ code, executed: false });
  });

  it('takes exactly 100 instances', async () => {
    const facts = simulator.addInvocation({ instances: 200 });
    await sdkClient(simulator).CancelInvocation({
      InvocationId: facts.invocationId,
      InstanceIds: facts.instanceIds.slice(0, 100),
    });
    expect(simulator.countByStatus()).toEqual({ RUNNING: 100, CANCELLING: 100 });
  });

  it('does not find an invocation of another region', async () => {
    simulator.addInvocation({ invocationId, region: 'ap-guangzhou' });
    expect((await cancel({ InvocationId: invocationId }))?.Code).toBe('ResourceNotFound.InvocationNotFound');
    const call = { body: { InvocationId: invocationId }, headers: { 'X-TC-Region': 'ap-guangzhou' } };
    expect(await refusalOf(simulator, call)).toBeUndefined();
  });

  it('names the stranger when it is set to', async () => {
    await simulator.close();
    await start({ namesOffender: true });
    simulator.addInvocation({ invocationId, instanceIds: [instanceId] });
    const refusal = await cancel({ InvocationId: invocationId, InstanceIds: [instanceId, 'ins-stranger'] });
    expect(refusal?.Message).toMatch(/`ins-stranger`/);
  });

  it('takes an empty list for all instances when it is set to', async () => {
    await simulator.close();
    await start({ emptyInstanceIds: 'all' });
    simulator.addInvocation({ invocationId, instances: 5 });
    expect(await cancel({ InvocationId: invocationId, InstanceIds: [] })).toBeUndefined();
    expect(simulator.countByStatus()).toEqual({ CANCELLING: 5 });
  });

  it('is refused by CAM for the whole call when one instance is out of bounds', async () => {
    simulator.credentials.update('AKIDSIMULATOR', { deniedInstances: [instanceId] });
    simulator.addInvocation({ invocationId, instanceIds: [instanceId, 'ins-bbbbbbbb'] });
    const refusal = await cancel({ InvocationId: invocationId });
    expect(refusal?.Code).toBe('UnauthorizedOperation.CamAuthFailed');
    expect(refusal?.Message).toMatch(/qcs::cvm:ap-singapore:uin\/\d+:instance\/ins-aaaaaaaa/);
    expect(simulator.countByStatus()).toEqual({ RUNNING: 2 });
    expect(await cancel({ InvocationId: invocationId, InstanceIds: ['ins-bbbbbbbb'] })).toBeUndefined();
  });

  it('is refused by CAM for an invocation that is out of bounds', async () => {
    simulator.credentials.update('AKIDSIMULATOR', { deniedInvocations: [invocationId] });
    simulator.addInvocation({ invocationId });
    expect((await cancel({ InvocationId: invocationId }))?.Code).toBe('UnauthorizedOperation.CamAuthFailed');
  });
});
