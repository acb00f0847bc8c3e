import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSimulator, type FaultRule, type Simulator } from '../../../src/simulator/index.js';
import { rawCall, sdkClient } from '../../support/simulator-client.js';

let simulator: Simulator;
let invocationId: string;

beforeEach(async () => {
  simulator = createSimulator({ callsPerSecond: 0 });
  await simulator.start();
  invocationId = simulator.addInvocation().invocationId;
});
afterEach(() => simulator.close());

const cancelBySdk = (timeoutSeconds = 10) =>
  sdkClient(simulator, { timeoutSeconds }).CancelInvocation({ InvocationId: invocationId });
const cancelByHand = (signal?: AbortSignal) =>
  rawCall(simulator, { body: { InvocationId: invocationId }, ...(signal === undefined ? {} : { signal }) });

describe('an injected failure', () => {
  it('is answered instead of the action', async () => {
    simulator.faults.next('CancelInvocation', { code: 'InternalError', message: 'Try again.' });
    await expect(cancelBySdk()).rejects.toMatchObject({ code: 'InternalError', message: 'Try again.' });
    const [call] = simulator.record.calls();
    expect(call).toMatchObject({ code: 'InternalError', executed: false });
    expect(simulator.countByStatus()).toEqual({ RUNNING: 1 });
    await expect(cancelBySdk()).resolves.toHaveProperty('RequestId');
  });

  it('can come after the action was carried out', async () => {
    simulator.faults.next('CancelInvocation', { code: 'InternalError', executes: true });
    await expect(cancelBySdk()).rejects.toMatchObject({ code: 'InternalError' });
    expect(simulator.record.calls()[0]).toMatchObject({ code: 'InternalError', executed: true });
    expect(simulator.countByStatus()).toEqual({ CANCELLING: 1 });
  });

  it('reaches only calls that the gateway lets in', async () => {
    simulator.faults.always('CancelInvocation', { code: 'InternalError' });
    const answer = await rawCall(simulator, { secretKey: 'guessed' });
    expect(await answer.text()).toContain('AuthFailure.SignatureFailure');
  });
});

describe('a failure below the API', () => {
  it('can be a status with a page, as large as one likes', async () => {
    simulator.faults.always('CancelInvocation', { http: 502, bodyBytes: 200_000 });
    await expect(cancelBySdk()).rejects.toMatchObject({ httpCode: 502 });
    const answer = await cancelByHand();
    expect([answer.status, answer.headers.get('content-type')]).toEqual([502, 'text/html']);
    expect((await answer.text()).length).toBe(200_000);
    expect(simulator.record.calls()[0]?.code).toBe('HTTP 502');
  });

  it('can be a status without a body, or a redirect', async () => {
    simulator.faults.next('CancelInvocation', { http: 204 });
    expect((await cancelByHand()).status).toBe(204);
    simulator.faults.next('CancelInvocation', { http: 301, location: `${simulator.url}/elsewhere` });
    const answer = await cancelByHand();
    expect([answer.status, answer.url]).toEqual([404, `${simulator.url}/elsewhere`]);
  });

  it.each([
    ['empty-body', { type: 'invalid-json' }],
    ['not-json', { type: 'invalid-json' }],
    ['cut-chunked-body', { code: 'ERR_STREAM_PREMATURE_CLOSE' }],
  ] as const)('can be the answer %s', async (answer, failure) => {
    simulator.faults.next('CancelInvocation', { answer });
    await expect(cancelBySdk()).rejects.toMatchObject(failure);
    expect(simulator.record.calls()[0]).toMatchObject({ code: answer, executed: false });
  });

  it('can be an empty object, which the cloud’s own client stumbles over', async () => {
    simulator.faults.next('CancelInvocation', { answer: 'empty-object' });
    await expect(cancelBySdk()).rejects.toBeInstanceOf(TypeError);
  });

  it('can be an answer without RequestId, which the cloud’s own client takes for a success', async () => {
    simulator.faults.next('CancelInvocation', { answer: 'no-request-id' });
    await expect(cancelBySdk()).resolves.toEqual({});
  });

  it('can be a reset connection', async () => {
    simulator.faults.next('CancelInvocation', { answer: 'reset' });
    await expect(cancelBySdk()).rejects.toThrow(/ECONNRESET|socket hang up/);
  });

  it('can be a body that ends too early', async () => {
    simulator.faults.next('CancelInvocation', { answer: 'cut-body' });
    const answer = await cancelByHand();
    await expect(answer.text()).rejects.toThrow();
  });

  it('can be no answer at all, or only half of one', async () => {
    for (const answer of ['hang', 'stalled-body'] as const) {
      simulator.record.clear();
      simulator.faults.next('CancelInvocation', { answer });
      const abort = new AbortController();
      const arrived = simulator.record.waitForCalls(1);
      const called = cancelByHand(abort.signal).then((response) => response.text());
      await arrived;
      expect(simulator.record.calls()[0]?.answeredAtMs).toBeUndefined();
      abort.abort();
      await expect(called).rejects.toThrow();
      await simulator.record.waitForAnswers(1);
      expect(simulator.record.countByCode()).toEqual({ CancelInvocation: { [answer]: 1 } });
    }
  });
});

describe('a true answer', () => {
  it.each([{ answer: 'slow-body', delayMs: 50 }, { answer: 'large-body' }, { delayMs: 50 }] as FaultRule[])(
    'still comes with %j',
    async (fault) => {
      simulator.faults.next('CancelInvocation', fault);
      const { RequestId } = await cancelBySdk();
      const [call] = simulator.record.calls();
      expect(call).toMatchObject({ code: 'OK', executed: true, cloudRequestId: RequestId });
      await simulator.record.waitForAnswers(1);
      const tookMs = (call?.answeredAtMs ?? 0) - (call?.atMs ?? 0);
      expect(tookMs).toBeGreaterThanOrEqual(fault.delayMs === undefined ? 0 : 45);
    },
  );

  it('can come as an event stream, which hides it from the cloud’s own client', async () => {
    simulator.faults.next('CancelInvocation', { answer: 'event-stream' });
    expect(await cancelBySdk()).not.toHaveProperty('RequestId');
    expect(simulator.countByStatus()).toEqual({ CANCELLING: 1 });
  });

  it('takes as long as the latency says', async () => {
    await simulator.close();
    simulator = createSimulator({ latency: { minMs: 40, maxMs: 60 } });
    await simulator.start();
    await sdkClient(simulator).DescribeRegions();
    await simulator.record.waitForAnswers(1);
    const [call] = simulator.record.calls();
    expect((call?.answeredAtMs ?? 0) - (call?.atMs ?? 0)).toBeGreaterThanOrEqual(38);
  });
});
