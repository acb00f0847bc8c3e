import { Queue } from 'bullmq';
import { describe, expect } from 'vitest';
import { PoolLedger } from '../../src/shared/ledger/index.js';
import { poolJobIdOf } from '../../src/shared/pool-job.js';
import { cancelQueueName } from '../../src/shared/queue-names.js';
import { redisKeys } from '../../src/shared/redis-keys.js';
import { type Installation, testRegion } from '../support/installation.js';
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
async function cancelTwo({ simulator, producer, redis, prefix }: Installation) {
  const { invocationId, instanceIds } = simulator.addInvocation({ instances: 2 });
  const { requestId } = await producer.enqueue({
    targets: [{ invocationId, instanceIds: [...instanceIds] }],
    confirm: false,
  });
  const pool = { region: testRegion, invocationId };
  const generation = (await new PoolLedger(redis, prefix).generationOf(pool)) ?? 0;
  return { requestId, pool, jobId: poolJobIdOf({ ...pool, generation }), invocationId, instanceIds };
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
    ['of wrong types', '{"region":7,"invocationId":{}}'],
  ])('is carried out all the same, since its id tells what it is for: %s', async ([, data], { install }) => {
    const installation = await install(withoutWorker);
    const damaged = await cancelTwo(installation);
    const healthy = await cancelTwo(installation);
    await installation.redis.hset(jobKey(installation, damaged.jobId), 'data', data);
    installation.startWorker();
    for (const { requestId } of [healthy, damaged]) {
      expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 2 });
    }
    await untilQueueIsQuiet(installation);
  });

  it('is carried out even if its options are gone, too', async ({ install }) => {
    const installation = await install(withoutWorker);
    const damaged = await cancelTwo(installation);
    const key = jobKey(installation, damaged.jobId);
    await installation.redis.multi().hset(key, 'data', '{').hdel(key, 'opts').exec();
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, damaged.requestId))).toEqual({ accepted: 2 });
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

describe.concurrent('a job that is none of ours', () => {
  it('stays among the failed ones, with the reason, and keeps nothing else waiting', async ({ install }) => {
    const installation = await install({ worker: { timings } });
    const { redis, prefix } = installation;
    const queue = new Queue(cancelQueueName, { connection: redis, prefix });
    await queue.add('cancel', { anything: true }, { jobId: 'by-hand' });
    const { requestId } = await cancelTwo(installation);
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 2 });
    await waitUntil('it has failed', async () => (await queue.getFailedCount()) === 1);
    expect((await queue.getJob('by-hand'))?.failedReason).toMatch(/names no invocation/);
    await queue.close();
  });
});

describe.concurrent('a job of version 0.1.0', () => {
  it('has its part of the request carried out', async ({ install }) => {
    const installation = await install(withoutWorker);
    const { redis, prefix } = installation;
    const { requestId, pool, invocationId } = await cancelTwo(installation);
    // As 0.1.0 leaves it: the part waits in no pool while it is in the queue.
    const keys = redisKeys(prefix);
    await redis.del(keys.pool(pool.region, invocationId), keys.pools, keys.unqueuedPools);
    const queue = new Queue(cancelQueueName, { connection: redis, prefix });
    await queue.obliterate({ force: true });
    const data = { requestId, position: 0, region: pool.region, invocationId, instances: 2 };
    await queue.add('cancel', data, { jobId: `${requestId}.0`, priority: 2 });
    await queue.close();
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 2 });
    await untilQueueIsQuiet(installation);
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

  it('with the pool of its invocation is carried out all the same', async ({ install }) => {
    const installation = await install(withoutWorker);
    const job = await cancelTwo(installation);
    const keys = redisKeys(installation.prefix);
    await installation.redis.del(keys.pool(job.pool.region, job.invocationId), keys.pools);
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, job.requestId))).toEqual({ accepted: 2 });
    await untilQueueIsQuiet(installation);
  });

  it('while its back-off runs is added again, and its attempts still count', async ({ install }) => {
    const installation = await install({ worker: { attempts: 2, timings } });
    installation.simulator.faults.always('CancelInvocation', { code: 'InternalError' });
    const job = await cancelTwo(installation);
    await untilStatus(installation, job.requestId, 'a first call', ({ calls }) => calls === 1);
    const delayed = `${installation.prefix}:${cancelQueueName}:delayed`;
    await waitUntil('the job is delayed', async () => (await installation.redis.zpopmin(delayed)).length > 0);
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

  it('for a reason of its own has another in its place, and leaves the failed set', async ({ install }) => {
    const installation = await install(withoutWorker);
    const job = await cancelTwo(installation);
    await giveUp(installation, job.jobId, 'somebody failed it by hand');
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, job.requestId))).toEqual({ accepted: 2 });
    await untilQueueIsQuiet(installation);
  });

  it('since its workers died too often has another in its place, once what they carried waits again', async ({
    install,
  }) => {
    const installation = await install(withoutWorker);
    const job = await cancelTwo(installation);
    await new PoolLedger(installation.redis, installation.prefix).claim({
      callId: 'call-of-the-dead',
      pool: job.pool,
      mostIds: 100,
      leaseMs: 1_000,
    });
    await giveUp(installation, job.jobId, 'job stalled more than allowable limit');
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, job.requestId))).toEqual({ accepted: 2 });
    expect(installation.simulator.record.count('CancelInvocation')).toBe(1);
    await untilQueueIsQuiet(installation);
  });
});
