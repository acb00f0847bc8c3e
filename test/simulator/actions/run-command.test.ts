import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSimulator, type Simulator } from '../../../src/simulator/index.js';
import { refusalOf, sdkClient } from '../../support/simulator-client.js';

const Content = Buffer.from('sleep 1000').toString('base64');
const instanceIds = (count: number) =>
  Array.from({ length: count }, (_, number) => `ins-${String(number).padStart(8, '0')}`);

describe('RunCommand', () => {
  let simulator: Simulator;
  beforeEach(async () => {
    simulator = createSimulator({ callsPerSecond: 0 });
    await simulator.start();
  });
  afterEach(() => simulator.close());

  it('makes an invocation that can be described and cancelled', async () => {
    const client = sdkClient(simulator);
    const ran = await client.RunCommand({ Content, InstanceIds: instanceIds(200), CommandName: 'cleanup' });
    const InvocationId = ran.InvocationId ?? '';
    const described = await client.DescribeInvocations({ InvocationIds: [InvocationId] });
    expect(described.InvocationSet?.[0]).toMatchObject({
      CommandId: ran.CommandId,
      CommandName: 'cleanup',
      CommandContent: Content,
      InvocationStatus: 'RUNNING',
    });
    await client.CancelInvocation({ InvocationId });
    expect(simulator.countByStatus()).toEqual({ CANCELLING: 200 });
  });

  const bad: [what: string, body: unknown, code: string][] = [
    ['no content', { InstanceIds: instanceIds(1) }, 'MissingParameter'],
    [
      'content that is not base64',
      { Content: 'rm -rf /!', InstanceIds: instanceIds(1) },
      'InvalidParameterValue',
    ],
    [
      'content beyond 64 KB',
      { Content: 'a'.repeat(65_537), InstanceIds: instanceIds(1) },
      'InvalidParameterValue.TooLong',
    ],
    ['no instances', { Content, InstanceIds: [] }, 'InvalidParameterValue'],
    [
      'more than 200 instances',
      { Content, InstanceIds: instanceIds(201) },
      'InvalidParameterValue.LimitExceeded',
    ],
    [
      'CVM and Lighthouse together',
      { Content, InstanceIds: ['ins-aaaaaaaa', 'lhins-aaaaaaaa'] },
      'InvalidParameterValue',
    ],
    [
      'an unknown shell',
      { Content, InstanceIds: instanceIds(1), CommandType: 'FISH' },
      'InvalidParameterValue',
    ],
  ];
  it.each(bad)('refuses %s', async (_what, body, code) => {
    expect((await refusalOf(simulator, { action: 'RunCommand', body }))?.Code).toBe(code);
    expect(simulator.world.size).toBe(0);
  });
});
