import { describe, expect, it } from 'vitest';
import type { InstanceRecord, RequestStatus } from '../../../src/producer/index.js';
import { createSimulator } from '../../../src/simulator/index.js';
import { MixJudge } from '../../support/mix/mix-judge.js';
import type { MixLetter } from '../../support/mix/mix-operator.js';
import { hurriedPace } from '../../support/mix/mix-pace.js';
import { MixWitness } from '../../support/mix/mix-witness.js';

const region = 'ap-singapore';
const requestId = 'req-1';
const noCounts = {
  waiting: 0,
  accepted: 0,
  cancelled: 0,
  terminated: 0,
  'already-finished': 0,
  'dead-lettered': 0,
  withdrawn: 0,
};

/** One request for one invocation of two instances, of which the first runs and the second has ended. */
function createScene() {
  const simulator = createSimulator();
  const { invocationId, instanceIds } = simulator.addInvocation({
    region,
    instances: 2,
    ageMs: 10_000,
    exceptions: { 1: 'finished' },
  });
  const [running = '', ended = ''] = instanceIds;
  const ask = {
    atMs: 0,
    request: { targets: [{ region, invocationId, instanceIds: [...instanceIds] }] },
    isRefused: false,
  };
  const request = { ask, requestId };
  const record = (
    instanceId: string,
    state: InstanceRecord['state'],
    taskStatus?: string,
  ): InstanceRecord => ({
    requestId,
    region,
    invocationId,
    instanceId,
    state,
    ...(taskStatus === undefined ? {} : { taskStatus }),
  });
  const letter = (instanceId: string, code: string): MixLetter => ({
    id: `letter-${instanceId}`,
    requestId,
    code,
    message: 'planted',
    deadAtMs: Date.now(),
    names: [`${region} ${invocationId} ${instanceId}`],
  });
  const judge = (records: InstanceRecord[], letters: MixLetter[] = [], counts?: RequestStatus['counts']) => {
    const witness = new MixWitness([request], undefined as never, undefined as never);
    const plan = {
      seed: 1,
      features: new Set<never>(),
      workers: 1,
      asks: [ask],
      strikes: [],
      refusedInvocations: [],
      cursedInvocations: [],
    };
    const evidence = { plan, pace: hurriedPace, simulator, witness, outages: [], letters };
    const counted: Record<string, number> = { ...noCounts };
    for (const { state } of records) counted[state] = (counted[state] ?? 0) + 1;
    const status = { requestId, counts: counts ?? counted } as RequestStatus;
    new MixJudge(evidence).judge(request, status, records);
    return witness.violations;
  };
  return { running, ended, record, letter, judge, simulator, invocationId };
}

describe('the judge of the random mix', () => {
  it('has nothing to say against the truth', () => {
    const { running, ended, record, judge, simulator, invocationId } = createScene();
    simulator.world.find(region, invocationId)?.cancel(0, Date.now() - 1_000);
    expect(judge([record(running, 'terminated'), record(ended, 'already-finished', 'SUCCESS')])).toEqual([]);
  });

  it.each(['terminated', 'cancelled', 'already-finished', 'accepted', 'waiting', 'withdrawn'] as const)(
    'does not believe that a running task is %s',
    (state) => {
      const { running, ended, record, judge } = createScene();
      const violations = judge([record(running, state), record(ended, 'already-finished', 'SUCCESS')]);
      expect(violations).toEqual([expect.stringContaining(`${running} is ${state}`)]);
    },
  );

  it.each([
    'NotConfirmed',
    'InternalError',
    'NetworkError',
    'UnsupportedOperation',
    'InvalidJobData',
    'ResourceNotFound.InvocationNotFound',
    'UnauthorizedOperation.CamAuthFailed',
    'InvalidParameterValue.InstanceIsNotRelatedToInvocation',
  ])('accepts no dead letter %s for an instance that could have been stopped', (code) => {
    const { running, ended, record, letter, judge } = createScene();
    const records = [record(running, 'dead-lettered'), record(ended, 'already-finished', 'SUCCESS')];
    expect(judge(records, [letter(running, code)])).toEqual([expect.stringContaining(code)]);
  });

  it('misses an instance, a dead letter and a count that are not there', () => {
    const { running, ended, record, letter, judge } = createScene();
    const done = record(ended, 'already-finished', 'SUCCESS');
    expect(judge([done])).toEqual([expect.stringContaining(`no record of ${region}`)]);
    expect(judge([record(running, 'dead-lettered'), done])).toEqual([
      expect.stringContaining('has no letter'),
    ]);
    expect(judge([done, record(running, 'waiting')], [letter(running, 'InternalError')])).toContainEqual(
      expect.stringContaining('is waiting and has a dead letter'),
    );
    expect(judge([done, done], [], { ...noCounts, 'already-finished': 1 })).toContainEqual(
      expect.stringContaining('counts 1 already-finished, 2 are listed'),
    );
  });
});
