import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSimulator, type Simulator } from '../../../src/simulator/index.js';
import { refusalOf, sdkClient } from '../../support/simulator-client.js';

describe('the control endpoints', () => {
  let simulator: Simulator;
  beforeEach(async () => {
    simulator = createSimulator({ callsPerSecond: 0 });
    await simulator.start();
  });
  afterEach(() => simulator.close());

  const control = (path: string, init?: RequestInit) => fetch(`${simulator.url}/_simulator/${path}`, init);
  const post = (path: string, body: unknown) => control(path, { method: 'POST', body: JSON.stringify(body) });

  it('tell that the simulator is well', async () => {
    const answer = await control('health');
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('report calls, rates and tasks', async () => {
    const { invocationId } = simulator.addInvocation({ instances: 2, behaviour: 'agentGone' });
    const client = sdkClient(simulator);
    await client.CancelInvocation({ InvocationId: invocationId });
    await client.DescribeRegions();
    await refusalOf(simulator, { body: {} });
    await simulator.record.waitForAnswers(3);
    expect(await (await control('report')).json()).toEqual({
      calls: { CancelInvocation: 2, DescribeRegions: 1 },
      answers: { CancelInvocation: { OK: 1, MissingParameter: 1 }, DescribeRegions: { OK: 1 } },
      mostCallsInAnySecond: { CancelInvocation: 2, DescribeRegions: 1 },
      callsPerSecond: { CancelInvocation: expect.any(Number), DescribeRegions: 0 },
      invocations: 1,
      tasksByStatus: { CANCELLING: 2 },
    });
  });

  it('lay out invocations and list them, as JSON or as lines', async () => {
    const added = await post('invocations', {
      count: 2,
      instances: 3,
      region: 'ap-guangzhou',
      behaviour: 'pending',
    });
    expect(added.status).toBe(201);
    const { invocations } = (await added.json()) as { invocations: { invocationId: string }[] };
    expect(simulator.countByStatus()).toEqual({ PENDING: 6 });
    simulator.addInvocation();
    const listed = await (await control('invocations?region=ap-guangzhou')).json();
    expect(listed).toEqual({ invocations });
    const lines = (await (await control('invocations?format=ndjson&offset=1&limit=1')).text()).split('\n');
    expect(lines.slice(0, -1).map((line) => JSON.parse(line))).toEqual(invocations.slice(1));
  });

  it('add faults and take them away', async () => {
    expect((await post('faults', { action: 'DescribeRegions', code: 'InternalError' })).status).toBe(201);
    expect((await refusalOf(simulator, { action: 'DescribeRegions' }))?.Code).toBe('InternalError');
    await control('faults', { method: 'DELETE' });
    expect(await refusalOf(simulator, { action: 'DescribeRegions' })).toBeUndefined();
  });

  it.each([
    ['invocations', { instances: 500 }],
    ['invocations', { behaviour: 'sleepy' }],
    ['invocations', 'many'],
    ['faults', { share: 0.5 }],
  ])('answer 400 to nonsense for %s', async (path, body) => {
    const answer = await post(path, body);
    expect([answer.status, await answer.json()]).toEqual([400, { error: expect.any(String) }]);
  });

  it('answer 404 to anything else, and leave the record alone', async () => {
    expect((await control('nothing')).status).toBe(404);
    expect((await control('report', { method: 'DELETE' })).status).toBe(404);
    expect(simulator.record.count()).toBe(0);
  });
});
