import { describe, expect } from 'vitest';
import type { Installation } from '../support/installation.js';
import { it } from '../support/installed-test.js';
import { countsOf, untilDeadLetters, untilFinished } from '../support/outcomes.js';
import { addTargets } from '../support/request-truth.js';

const secretId = 'AKIDSIMULATOR';

async function expectOneDeadAmongMany(installation: Installation, requestId: string, denied: string) {
  const status = await untilFinished(installation, requestId, 80_000);
  expect(countsOf(status)).toEqual({ accepted: 200, 'dead-lettered': 1 });
  const letters = await untilDeadLetters(installation, 1, { requestId });
  expect(letters.map(({ target, error }) => [target.invocationId, error.code])).toEqual([
    [denied, 'UnauthorizedOperation.CamAuthFailed'],
  ]);
  const runsOn = installation.simulator.world
    .invocations()
    .filter(
      ({ facts }) =>
        installation.simulator.task(facts.invocationId, facts.instanceIds[0] ?? '')?.status === 'RUNNING',
    );
  expect(runsOn.map(({ facts }) => facts.invocationId)).toEqual([denied]);
}

describe.concurrent('one invocation that access management refuses', { timeout: 90_000 }, () => {
  it.for([
    ['in the midst', 100],
    ['as the very first', 0],
  ] as const)('among 200 others dies alone: %s', async ([, place], { install }) => {
    const installation = await install({ workers: 0 });
    const { producer, simulator } = installation;
    const targets = addTargets(installation, 201, 1);
    const denied = targets[place]?.invocationId ?? '';
    simulator.credentials.update(secretId, { deniedInvocations: [denied] });
    const { requestId } = await producer.enqueue({ targets, confirm: false });
    installation.startWorker({ callsInFlight: place === 0 ? 1 : 10 });
    await expectOneDeadAmongMany(installation, requestId, denied);
  });

  it('holds the work when it is all there is, and dies once something else has succeeded', async ({
    install,
  }) => {
    const installation = await install();
    const { producer, simulator } = installation;
    const targets = addTargets(installation, 1, 1);
    const denied = targets[0]?.invocationId ?? '';
    simulator.credentials.update(secretId, { deniedInvocations: [denied] });
    const { requestId } = await producer.enqueue({ targets });
    await simulator.record.waitForAnswers(2, 'CancelInvocation');
    expect((await producer.status(requestId))?.counts).toMatchObject({ waiting: 1, 'dead-lettered': 0 });
    const other = await producer.enqueue({ targets: addTargets(installation, 2, 1) });
    expect(countsOf(await untilFinished(installation, other.requestId, 30_000))).toEqual({ terminated: 2 });
    expect(countsOf(await untilFinished(installation, requestId, 30_000))).toEqual({ 'dead-lettered': 1 });
  });
});
