import { context, propagation } from '@opentelemetry/api';
import { beforeEach, describe, expect, onTestFinished } from 'vitest';
import type { TatClient } from '../../src/cloud/tat-client.js';
import { redisKeys } from '../../src/shared/redis-keys.js';
import { type Install, it } from '../support/installed-test.js';
import { countsOf, untilDeadLetters, untilFinished } from '../support/outcomes.js';
import { createTestClient } from '../support/test-worker.js';
import { linkedIds, placeOf, SpanRecorder } from './span-recorder.js';
import { TracedInstallation } from './traced-installation.js';

const recorder = new SpanRecorder();
const call = 'CancelInvocation';
const added = 'add tat-cancel.cancel';
const processed = 'process tat-cancel';

beforeEach(() => recorder.reset());

async function start(install: Install, isTraced = true): Promise<TracedInstallation> {
  const traced = await TracedInstallation.start(install, isTraced);
  onTestFinished(() => traced.producer.close());
  return traced;
}

describe('with tracing', () => {
  it('one trace leads from the caller over enqueueing to the job, and the shared call links to the requests it carries', async ({
    install,
  }) => {
    const traced = await start(install);
    const { simulator } = traced.installation;
    const { invocationId, instanceIds } = simulator.addInvocation({ instances: 2 });
    const requests = await recorder.around(() =>
      Promise.all(instanceIds.map((id) => traced.enqueue(invocationId, [id]))),
    );
    await traced.startWorker();
    for (const requestId of requests) await untilFinished(traced.installation, requestId);
    const [job] = await recorder.until(processed, 1);
    const enqueues = requests.map((requestId) =>
      recorder
        .named('enqueue cancel request')
        .find(({ attributes }) => attributes['tat_cancel.request_id'] === requestId),
    );
    for (const enqueue of enqueues) {
      expect(enqueue?.attributes).toMatchObject({
        'tat_cancel.instances': 1,
        'tat_cancel.jobs': 1,
        'tat_cancel.duplicate': false,
      });
    }
    // The first of them made the job of their invocation.
    const [add] = recorder.named(added);
    const maker = enqueues.find((enqueue) => placeOf(enqueue).spanId === placeOf(add).parentId);
    const { traceId } = placeOf(maker);
    expect(placeOf(add)).toMatchObject({ traceId });
    expect(placeOf(job)).toMatchObject({ traceId, parentId: placeOf(add).spanId });
    const calls = recorder.named(call);
    expect(calls).toHaveLength(1);
    expect(linkedIds(calls[0])).toEqual(enqueues.map((enqueue) => placeOf(enqueue).spanId).sort());
    expect(placeOf(calls[0])).toMatchObject({ parentId: undefined });
    expect(placeOf(calls[0]).traceId).not.toBe(traceId);
    expect(calls[0]?.attributes).toEqual({
      'tat_cancel.action': call,
      'tat_cancel.region': 'ap-singapore',
      'tat_cancel.invocation_id': invocationId,
      'tat_cancel.instances': 2,
      'tat_cancel.whole_invocation': false,
      'tat_cancel.code': 'ok',
      'tat_cancel.cloud_request_id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('a call that came too late for its slot and was not sent has no span', async ({ install }) => {
    const traced = await start(install);
    const { simulator } = traced.installation;
    const { invocationId, instanceIds } = simulator.addInvocation({ instances: 1 });
    const requestId = await traced.enqueue(invocationId, instanceIds);
    const client = createTestClient(simulator.url);
    let looks = 0;
    const lateOnce: TatClient['cancelInvocation'] = (input, options) =>
      client.cancelInvocation(input, { ...options, mayLeave: () => looks++ > 0 });
    await traced.startWorker({ client: { ...client, cancelInvocation: lateOnce } });
    await untilFinished(traced.installation, requestId);
    expect([looks, simulator.record.count(call)]).toEqual([2, 1]);
    const codes = (await recorder.until(call, 1)).map(({ attributes }) => attributes['tat_cancel.code']);
    expect(codes).toEqual(['ok']);
  });

  it('the jobs of a larger request hang below its enqueueing', async ({ install }) => {
    const traced = await start(install);
    const { simulator } = traced.installation;
    const targets = [1, 2].map(() => {
      const { invocationId, instanceIds } = simulator.addInvocation({ instances: 150 });
      return { invocationId, instanceIds: [...instanceIds] };
    });
    const { requestId } = await traced.producer.enqueue({ targets, confirm: false });
    await traced.startWorker();
    await untilFinished(traced.installation, requestId);
    const jobs = await recorder.until(processed, 2);
    const { traceId } = placeOf(recorder.named('enqueue cancel request')[0]);
    expect(jobs.map((job) => placeOf(job).traceId)).toEqual([traceId, traceId]);
  });

  it('a refused call is marked with its code, and no span holds a key, a message or what the command does', async ({
    install,
  }) => {
    const traced = await start(install);
    const { simulator } = traced.installation;
    const { invocationId, instanceIds } = simulator.addInvocation({ instances: 1 });
    const targets = [{ invocationId, instanceIds: [...instanceIds] }, { invocationId: 'inv-00000bad' }];
    simulator.faults.next('CancelInvocation', { code: 'InternalError', message: 'message-of-the-cloud' });
    const { requestId } = await traced.producer.enqueue({ targets, reason: 'reason-of-the-caller' });
    await traced.startWorker();
    await untilDeadLetters(traced.installation, 1);
    await untilFinished(traced.installation, requestId);
    const refused = recorder
      .named(call)
      .filter(({ attributes }) => attributes['tat_cancel.invocation_id'] === 'inv-00000bad')
      .at(-1);
    const code = 'ResourceNotFound.InvocationNotFound';
    expect(refused?.attributes).toMatchObject({
      'error.type': code,
      'tat_cancel.code': code,
      'tat_cancel.whole_invocation': true,
    });
    expect(refused?.status).toEqual({ code: 2, message: code });
    const reads = recorder.named('DescribeInvocations');
    expect(reads.map(({ attributes }) => attributes['tat_cancel.code'])).toContain('ok');
    const told = JSON.stringify(
      recorder.spans.map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
    );
    expect(told).not.toMatch(/AKIDSIMULATOR|simulator-secret-key|of-the-c/);
    for (const trace of simulator.secretTraces) expect(told).not.toContain(trace);
  });

  it('a request that is refused leaves a span with its code alone', async ({ install }) => {
    const traced = await start(install);
    await expect(traced.enqueue('no-such-form', ['ins-00000001'])).rejects.toThrow();
    const [span] = recorder.named('enqueue cancel request');
    expect(span?.status).toEqual({ code: 2, message: 'INVALID_REQUEST' });
    expect(span?.events).toEqual([]);
  });

  it('housekeeping of the queue makes no spans', async ({ install }) => {
    const traced = await start(install);
    const { invocationId, instanceIds } = traced.installation.simulator.addInvocation({ instances: 1 });
    await traced.startWorker({ timings: { stalledEveryMs: 50, reconcileEveryMs: 50 } });
    await untilFinished(traced.installation, await traced.enqueue(invocationId, instanceIds));
    await recorder.until(processed, 1);
    await traced.installation.workers[0]?.close(5_000);
    expect(recorder.names).toEqual([call, added, 'complete tat-cancel', 'enqueue cancel request', processed]);
  });

  it('baggage of the caller stays out of Redis', async ({ install }) => {
    const traced = await start(install);
    const baggage = propagation.createBaggage({ customer: { value: 'somebody' } });
    const around = propagation.setBaggage(context.active(), baggage);
    const requestId = await context.with(around, () => traced.enqueue('inv-00000001', ['ins-00000001']));
    const { opts = '' } = await traced.storedJob('inv-00000001');
    expect(Object.keys(JSON.parse(JSON.parse(opts).tm))).toEqual(['traceparent']);
    expect(Object.keys(JSON.parse((await traced.storedTrace(requestId)) ?? ''))).toEqual(['traceparent']);
  });

  it('a job and a request whose traces were changed by hand are carried out all the same', async ({
    install,
  }) => {
    const traced = await start(install);
    const { redis, prefix, simulator } = traced.installation;
    const requests: string[] = [];
    for (const changed of ['no JSON', 'null', 7]) {
      const { invocationId, instanceIds } = simulator.addInvocation({ instances: 1 });
      const requestId = await traced.enqueue(invocationId, instanceIds);
      const { opts = '' } = await traced.storedJob(invocationId);
      const job = `${prefix}:tat-cancel:ap-singapore.${invocationId}.${requests.length + 1}`;
      await redis.hset(job, 'opts', JSON.stringify({ ...JSON.parse(opts), tm: changed }));
      await redis.hset(redisKeys(prefix).request(requestId), 'trace', String(changed));
      requests.push(requestId);
    }
    await traced.startWorker();
    for (const requestId of requests) {
      expect(countsOf(await untilFinished(traced.installation, requestId))).toEqual({ accepted: 1 });
    }
    expect(recorder.named(call)).toHaveLength(3);
  });
});

describe('without tracing', () => {
  it('there is no span, and nothing of a trace in the job, whatever SDK the process has', async ({
    install,
  }) => {
    const traced = await start(install, false);
    const { invocationId, instanceIds } = traced.installation.simulator.addInvocation({ instances: 1 });
    const requestId = await recorder.around(() => traced.enqueue(invocationId, instanceIds));
    const stored = await traced.storedJob(invocationId);
    expect(JSON.parse(stored.opts ?? '')).not.toHaveProperty('tm');
    expect(await traced.storedTrace(requestId)).toBeNull();
    expect(JSON.stringify(stored)).not.toMatch(/traceparent|telemetry/);
    await traced.startWorker();
    await untilFinished(traced.installation, requestId);
    await traced.installation.workers[0]?.close(5_000);
    expect(recorder.spans).toEqual([]);
  });
});
