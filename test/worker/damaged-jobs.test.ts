import { Queue } from 'bullmq';
import { describe, expect } from 'vitest';
import { Ledger } from '../../src/shared/ledger/index.js';
import { cancelQueueName } from '../../src/shared/queue-names.js';
import type { Installation } from '../support/installation.js';
import { it } from '../support/installed-test.js';
import {
  callsFor,
  countsOf,
  failedJobs,
  untilDeadLetters,
  untilFinished,
  untilStatus,
} from '../support/outcomes.js';
import { waitUntil } from '../support/wait-until.js';

/** A worker's death is noticed within a second or two. */
const timings = { reconcileEveryMs: 100, lockMs: 1_000, stalledEveryMs: 300 };
const withoutWorker = { workers: 0, worker: { timings } };

/** Asks for two instances of one invocation: one job. */
async function cancelTwo({ simulator, producer }: Installation) {
  const { invocationId, instanceIds } = simulator.addInvocation({ instances: 2 });
  const { requestId } = await producer.enqueue({
    targets: [{ invocationId, instanceIds: [...instanceIds] }],
    confirm: false,
  });
  return { requestId, jobId: `${requestId}.0`, invocationId, instanceIds };
}

function jobKey({ prefix }: Installation, jobId: string): string {
  return `${prefix}:${cancelQueueName}:${jobId}`;
}

/** Nothing of the job is left where BullMQ would take it up again, or in its failed set. */
async function untilQueueIsQuiet({ redis, prefix }: Installation): Promise<void> {
  const queue = `${prefix}:${cancelQueueName}`;
  await waitUntil('the queue is quiet', async () => {
    const left = await Promise.all([
      redis.llen(`${queue}:active`),
      redis.llen(`${queue}:wait`),
      redis.zcard(`${queue}:prioritized`),
      redis.zcard(`${queue}:delayed`),
      redis.zcard(`${queue}:failed`),
    ]);
    return left.every((count) => count === 0);
  });
}

describe.concurrent('a job whose data in Redis is damaged', () => {
  it.for<[string, string]>([
    ['no JSON', '{"requestId":'],
    ['empty', ''],
    ['a list', '[]'],
    ['of wrong types', '{"requestId":7,"position":"x"}'],
    [
      'of another job',
      '{"requestId":"req-other","position":0,"region":"ap-singapore","invocationId":"inv-00000001","instances":1}',
    ],
  ])('becomes a dead letter with the reason, and the queue goes on: %s', async ([, data], { install }) => {
    const installation = await install(withoutWorker);
    const damaged = await cancelTwo(installation);
    const healthy = await cancelTwo(installation);
    await installation.redis.hset(jobKey(installation, damaged.jobId), 'data', data);
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, healthy.requestId))).toEqual({ accepted: 2 });
    expect(countsOf(await untilFinished(installation, damaged.requestId))).toEqual({ 'dead-lettered': 2 });
    const [letter] = await untilDeadLetters(installation, 1);
    expect(letter).toMatchObject({
      requestId: damaged.requestId,
      jobId: damaged.jobId,
      target: { invocationId: damaged.invocationId, instanceIds: damaged.instanceIds },
      error: { code: 'InvalidJobData', message: expect.stringMatching(/data/) },
    });
    await untilQueueIsQuiet(installation);
  });

  it('is dealt with even if its options are gone, too', async ({ install }) => {
    const installation = await install(withoutWorker);
    const damaged = await cancelTwo(installation);
    const key = jobKey(installation, damaged.jobId);
    await installation.redis.multi().hset(key, 'data', '{').hdel(key, 'opts').exec();
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, damaged.requestId))).toEqual({ 'dead-lettered': 2 });
    await untilQueueIsQuiet(installation);
  });
});

describe.concurrent('a job of which BullMQ itself cannot read', () => {
  it.for<[string, string]>([
    ['opts', '{"attempts":'],
    ['progress', 'half'],
    ['parent', '{'],
  ])('the %s is carried out all the same', async ([field, text], { install }) => {
    const installation = await install(withoutWorker);
    const damaged = await cancelTwo(installation);
    const healthy = await cancelTwo(installation);
    await installation.redis.hset(jobKey(installation, damaged.jobId), field, text);
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, healthy.requestId))).toEqual({ accepted: 2 });
    expect(countsOf(await untilFinished(installation, damaged.requestId, 30_000))).toEqual({ accepted: 2 });
    await untilQueueIsQuiet(installation);
  });
});

describe.concurrent('a job that went round the producer', () => {
  it('of a request that the ledger does not know leaves a letter', async ({ install }) => {
    const installation = await install({ worker: { timings } });
    const queue = new Queue(cancelQueueName, { connection: installation.redis, prefix: installation.prefix });
    const data = {
      requestId: 'req-unknown',
      position: 0,
      region: 'ap-singapore',
      invocationId: 'inv-00000001',
      instances: 1,
    };
    await queue.add('cancel', data, { jobId: 'req-unknown.0' });
    const [letter] = await untilDeadLetters(installation, 1);
    expect(letter).toMatchObject({
      id: 'orphan.req-unknown.0',
      requestId: 'req-unknown',
      target: { region: 'ap-singapore', invocationId: 'inv-00000001' },
      error: { code: 'InvalidJobData' },
      attempts: 0,
    });
    await untilQueueIsQuiet(installation);
    await queue.close();
    expect(installation.simulator.record.count('CancelInvocation')).toBe(0);
  });

  it('under an id that names no request leaves a letter', async ({ install }) => {
    const installation = await install({ worker: { timings } });
    const queue = new Queue(cancelQueueName, { connection: installation.redis, prefix: installation.prefix });
    await queue.add('cancel', { anything: true }, { jobId: 'by-hand' });
    await queue.add('cancel', { anything: true });
    const letters = await untilDeadLetters(installation, 2);
    expect(letters.map(({ id }) => id).sort()).toEqual(['orphan.2', 'orphan.by-hand']);
    await untilQueueIsQuiet(installation);
    await queue.close();
  });
});

describe.concurrent('a job that is lost', () => {
  it('with only its hash gone is carried out all the same, once', async ({ install }) => {
    const installation = await install(withoutWorker);
    const job = await cancelTwo(installation);
    await installation.redis.del(jobKey(installation, job.jobId));
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, job.requestId))).toEqual({ accepted: 2 });
    await untilQueueIsQuiet(installation);
    expect(installation.simulator.record.count('CancelInvocation')).toBe(1);
    expect((await installation.deadLetters.list({}, { limit: 10 })).deadLetters).toEqual([]);
  });

  it('to somebody who drained the queue is added again and carried out', async ({ install }) => {
    const installation = await install(withoutWorker);
    const jobs = await Promise.all(Array.from({ length: 30 }, () => cancelTwo(installation)));
    const queue = new Queue(cancelQueueName, { connection: installation.redis, prefix: installation.prefix });
    await queue.drain(true);
    await queue.obliterate({ force: true });
    await queue.close();
    installation.startWorker();
    for (const { requestId } of jobs) {
      expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 2 });
    }
    for (const { invocationId, instanceIds } of jobs) {
      expect(callsFor(installation, invocationId, instanceIds[0] ?? '')).toHaveLength(1);
    }
    await untilQueueIsQuiet(installation);
  });

  it('while its back-off runs is added again, and its attempts still count', async ({ install }) => {
    const installation = await install({ worker: { attempts: 2, timings } });
    installation.simulator.faults.always('CancelInvocation', { code: 'InternalError' });
    const job = await cancelTwo(installation);
    await untilStatus(installation, job.requestId, 'a first call', ({ calls }) => calls === 1);
    await waitUntil('the job is delayed', async () => {
      return (
        (await installation.redis.zrem(`${installation.prefix}:${cancelQueueName}:delayed`, job.jobId)) === 1
      );
    });
    expect(countsOf(await untilFinished(installation, job.requestId))).toEqual({ 'dead-lettered': 2 });
    const [letter] = await untilDeadLetters(installation, 1);
    expect(letter?.attempts).toBe(2);
    expect(await failedJobs(installation)).toEqual([]);
  });
});

describe.concurrent('a job that was put off', () => {
  it('by a worker whose clock is an hour ahead is woken when it is due by the clock of Redis', async ({
    install,
  }) => {
    const installation = await install(withoutWorker);
    const job = await cancelTwo(installation);
    const queue = `${installation.prefix}:${cancelQueueName}`;
    const inAnHour = (Date.now() + 3_600_000) * 0x1000;
    await installation.redis
      .multi()
      .zrem(`${queue}:prioritized`, job.jobId)
      .zadd(`${queue}:delayed`, inAnHour, job.jobId)
      .exec();
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, job.requestId))).toEqual({ accepted: 2 });
    await untilQueueIsQuiet(installation);
  });

  it('to wait for a long back-off is left alone', async ({ install }) => {
    const installation = await install(withoutWorker);
    const job = await cancelTwo(installation);
    const { prefix, redis } = installation;
    const delayed = `${prefix}:${cancelQueueName}:delayed`;
    const inAMinute = Date.now() + 60_000;
    await redis
      .multi()
      .hset(`${prefix}:ledger:request:${job.requestId}`, 'b:0', inAMinute)
      .zrem(`${prefix}:${cancelQueueName}:prioritized`, job.jobId)
      .zadd(delayed, inAMinute * 0x1000, job.jobId)
      .exec();
    installation.startWorker();
    const other = await cancelTwo(installation);
    await untilFinished(installation, other.requestId);
    const until = performance.now() + 1_000; // some rounds of the reconciler
    await waitUntil('time has passed', () => performance.now() > until);
    expect(await redis.zscore(delayed, job.jobId)).not.toBeNull();
  });
});

describe.concurrent('a job that BullMQ gave up on', () => {
  /** As BullMQ does it when the processor is not to be asked. */
  async function giveUp({ redis, prefix }: Installation, jobId: string, failedReason: string) {
    const queue = `${prefix}:${cancelQueueName}`;
    await redis
      .multi()
      .zrem(`${queue}:prioritized`, jobId)
      .zadd(`${queue}:failed`, Date.now(), jobId)
      .hset(`${queue}:${jobId}`, 'failedReason', failedReason)
      .exec();
  }

  it('for a reason of its own becomes a dead letter with that reason, and leaves the failed set', async ({
    install,
  }) => {
    const installation = await install(withoutWorker);
    const job = await cancelTwo(installation);
    await giveUp(installation, job.jobId, 'somebody failed it by hand');
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, job.requestId))).toEqual({ 'dead-lettered': 2 });
    const [letter] = await untilDeadLetters(installation, 1);
    expect(letter?.error).toEqual({ code: 'JobFailed', message: 'somebody failed it by hand' });
    await untilQueueIsQuiet(installation);
  });

  it('while the call of its dead worker still counts becomes a dead letter when that is over', async ({
    install,
  }) => {
    const installation = await install(withoutWorker);
    const job = await cancelTwo(installation);
    await new Ledger(installation.redis, installation.prefix).claim({
      callId: 'call-of-the-dead',
      region: 'ap-singapore',
      invocationId: job.invocationId,
      ownRefs: [job.jobId],
      mostIds: 100,
      leaseMs: 1_000,
    });
    await giveUp(installation, job.jobId, 'job stalled more than allowable limit');
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, job.requestId))).toEqual({ 'dead-lettered': 2 });
    const [letter] = await untilDeadLetters(installation, 1);
    expect(letter?.error.code).toBe('StalledTooOften');
    expect(installation.simulator.record.count('CancelInvocation')).toBe(0);
    await untilQueueIsQuiet(installation);
  });
});
