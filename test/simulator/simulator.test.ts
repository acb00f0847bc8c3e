import { afterEach, describe, expect, it } from 'vitest';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.js';
import { sdkClient } from '../support/simulator-client.js';

let simulator: Simulator;

async function started(options: SimulatorOptions = {}): Promise<Simulator> {
  simulator = createSimulator(options);
  await simulator.start();
  return simulator;
}

afterEach(() => simulator.close());

describe('a simulator driven by the cloud’s own client', () => {
  it('cancels an invocation on the instances listed and on no others', async () => {
    await started();
    const { invocationId, instanceIds } = simulator.addInvocation({
      instances: 3,
      behaviour: { cancelMs: 0 },
    });
    const [first = '', second = '', third = ''] = instanceIds;
    const answer = await sdkClient(simulator).CancelInvocation({
      InvocationId: invocationId,
      InstanceIds: [first, third],
    });
    expect(answer.RequestId).toBe(simulator.record.calls()[0]?.cloudRequestId);
    expect([first, second, third].map((id) => simulator.task(invocationId, id)?.status)).toEqual([
      'TERMINATED',
      'RUNNING',
      'TERMINATED',
    ]);
  });
});
