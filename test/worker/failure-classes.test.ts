import { describe, expect } from 'vitest';
import type { FaultRule } from '../../src/simulator/index.js';
import { CapturedLog } from '../support/captured-log.js';
import type { Installation } from '../support/installation.js';
import { it } from '../support/installed-test.js';
import { attemptsSpent, countsOf, failedJobs, untilDeadLetters, untilFinished } from '../support/outcomes.js';

/** Asks for one instance. */
async function cancelOne({ simulator, producer }: Installation) {
  const { invocationId, instanceIds } = simulator.addInvocation();
  const targets = [{ invocationId, instanceIds: [...instanceIds] }];
  const { requestId } = await producer.enqueue({ targets, confirm: false });
  return { requestId, invocationId, instanceId: instanceIds[0] ?? '' };
}

function cancelCalls({ simulator }: Installation) {
  return simulator.record.calls('CancelInvocation');
}

describe.concurrent('a code that no retry can help', () => {
  it.for([
    'InvalidParameterValue.LimitExceeded',
    'InvalidParameterValue.TooLong',
    'ResourceNotFound.InvocationNotFound',
    'LimitExceeded.FilterValueExceeded',
    'OperationDenied',
  ])('makes a dead letter after one call: %s', async (code, { install }) => {
    const installation = await install();
    installation.simulator.faults.always('CancelInvocation', { code, message: 'never' });
    const { requestId, invocationId, instanceId } = await cancelOne(installation);
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ 'dead-lettered': 1 });
    const [letter] = await untilDeadLetters(installation, 1);
    expect(letter).toMatchObject({
      requestId,
      target: { region: 'ap-singapore', invocationId, instanceIds: [instanceId] },
      error: { code, message: 'never', cloudRequestId: cancelCalls(installation)[0]?.cloudRequestId },
      attempts: 1,
      history: [{ code, worker: 'test-worker-0' }],
    });
    expect(cancelCalls(installation)).toHaveLength(1);
    expect(await failedJobs(installation)).toEqual([]);
  });
});

describe.concurrent('passing trouble', () => {
  it.for<[string, Omit<FaultRule, 'action'>, string]>([
    ['an error inside the cloud', { code: 'InternalError' }, 'InternalError'],
    ['a quota of the account', { code: 'LimitExceeded' }, 'LimitExceeded'],
    ['a code nobody knows', { code: 'BrandNew.Trouble' }, 'BrandNew.Trouble'],
    ['a gateway that is down', { http: 502 }, 'HttpStatus.502'],
    ['a connection that breaks', { answer: 'reset' }, 'NetworkError'],
    ['an answer that breaks off', { answer: 'cut-body' }, 'NetworkError'],
    ['an empty answer', { answer: 'empty-body' }, 'EmptyAnswer'],
    ['an answer that proves nothing', { answer: 'no-request-id' }, 'MissingRequestId'],
    ['an answer that is not JSON', { answer: 'not-json' }, 'MalformedAnswer'],
    ['an answer that never comes', { answer: 'hang' }, 'CallTimeout'],
    ['an answer that stops half-way', { answer: 'stalled-body' }, 'CallTimeout'],
  ])('spends an attempt and is done later: %s', async ([, fault, code], { install }) => {
    const log = new CapturedLog('info');
    const installation = await install({ worker: { callTimeoutMs: 500, logger: log.logger } });
    installation.simulator.faults.next('CancelInvocation', fault);
    const { requestId } = await cancelOne(installation);
    const status = await untilFinished(installation, requestId);
    expect(countsOf(status)).toEqual({ accepted: 1 });
    expect(status.calls).toBe(2);
    expect(await attemptsSpent(installation, requestId)).toBe(1);
    expect(log.saying('call failed')).toMatchObject([{ code }]);
    const [first, second] = cancelCalls(installation);
    const backOffMs = code === 'LimitExceeded' ? 2_500 : 250;
    expect((second?.atMs ?? 0) - (first?.answeredAtMs ?? 0)).toBeGreaterThanOrEqual(backOffMs - 50);
    expect(await failedJobs(installation)).toEqual([]);
  });

  it('whose code is not in the table is worth a warning', async ({ install }) => {
    const log = new CapturedLog('warn');
    const installation = await install({ worker: { logger: log.logger } });
    installation.simulator.faults.next('CancelInvocation', { code: 'BrandNew.Trouble' });
    const { requestId } = await cancelOne(installation);
    await untilFinished(installation, requestId);
    expect(log.saying('a code that is not in the table')).toMatchObject([{ code: 'BrandNew.Trouble' }]);
  });

  it('that outlasts the budget makes a dead letter with the last code and the whole history', async ({
    install,
  }) => {
    const installation = await install({ worker: { attempts: 3 } });
    const codes = ['InternalError', 'ResourceInsufficient', 'FailedOperation.CVMError'];
    for (const code of codes) installation.simulator.faults.next('CancelInvocation', { code });
    const { requestId } = await cancelOne(installation);
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ 'dead-lettered': 1 });
    const [letter] = await untilDeadLetters(installation, 1);
    expect(letter).toMatchObject({
      error: {
        code: 'FailedOperation.CVMError',
        message: expect.stringContaining('given up after 3 attempts'),
      },
      attempts: 3,
    });
    expect(letter?.history.map(({ code }) => code)).toEqual(codes);
    expect(cancelCalls(installation)).toHaveLength(3);
    expect(await failedJobs(installation)).toEqual([]);
  });

  it('of one request spends nothing of another one’s budget', async ({ install }) => {
    const installation = await install({ worker: { attempts: 2 } });
    const doomed = installation.simulator.addInvocation();
    const { invocationId } = doomed;
    installation.simulator.faults.always('CancelInvocation', { code: 'InternalError', invocationId });
    const { requestId } = await installation.producer.enqueue({
      targets: [{ invocationId, instanceIds: [...doomed.instanceIds] }],
      confirm: false,
    });
    const other = await cancelOne(installation);
    expect(countsOf(await untilFinished(installation, other.requestId))).toEqual({ accepted: 1 });
    expect(await attemptsSpent(installation, other.requestId)).toBe(0);
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ 'dead-lettered': 1 });
  });

  it('after the cloud has done its work ends as done, with one repeated call', async ({ install }) => {
    const installation = await install({ worker: { callTimeoutMs: 500 } });
    installation.simulator.faults.next('CancelInvocation', { answer: 'hang', executes: true });
    const { requestId, invocationId, instanceId } = await cancelOne(installation);
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 1 });
    expect(cancelCalls(installation)).toHaveLength(2);
    expect(installation.simulator.task(invocationId, instanceId)?.status).toMatch(/CANCELLING|TERMINATED/);
  });
});

describe.concurrent('a refusal for being too fast', () => {
  it.for([
    'RequestLimitExceeded',
    'RequestLimitExceeded.UinLimitExceeded',
    'AuthFailure.RequestLimitExceeded',
  ])('spends no attempt and is done later: %s', async (code, { install }) => {
    const installation = await install({ worker: { attempts: 1 } });
    for (let times = 0; times < 3; times++) installation.simulator.faults.next('CancelInvocation', { code });
    const { requestId } = await cancelOne(installation);
    const status = await untilFinished(installation, requestId);
    expect(countsOf(status)).toEqual({ accepted: 1 });
    expect(status.calls).toBe(4);
    expect(await attemptsSpent(installation, requestId)).toBe(0);
  });

  it('in the middle of taking a call apart blames nobody', async ({ install }) => {
    const installation = await install();
    const { simulator, producer } = installation;
    const invocation = simulator.addInvocation({ instances: 9 });
    simulator.faults.always('DescribeInvocations', { code: 'InternalError' });
    simulator.faults.add({ action: 'CancelInvocation', calls: [2, 4], code: 'RequestLimitExceeded' });
    const { requestId } = await producer.enqueue({
      targets: [
        { invocationId: invocation.invocationId, instanceIds: [...invocation.instanceIds, 'ins-stranger1'] },
      ],
      confirm: false,
    });
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({
      accepted: 9,
      'dead-lettered': 1,
    });
    const [letter] = await untilDeadLetters(installation, 1);
    expect(letter?.target.instanceIds).toEqual(['ins-stranger1']);
    expect(letter?.error.code).toBe('InvalidParameterValue.InstanceIsNotRelatedToInvocation');
  });
});
