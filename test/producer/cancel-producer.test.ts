import { describe, expect } from 'vitest';
import { CancelProducer, EnqueueError } from '../../src/producer/index.js';
import { CancelQueue } from '../../src/shared/cancel-queue.js';
import { redisKeys } from '../../src/shared/redis-keys.js';
import type { Installation } from '../support/installation.js';
import { it } from '../support/installed-test.js';
import { countsOf, untilFinished } from '../support/outcomes.js';

const request = {
  targets: [{ invocationId: 'inv-00000001', instanceIds: ['ins-00000001', 'ins-00000002'] }],
};

async function connect({ redisUrl, prefix }: Installation): Promise<CancelProducer> {
  return await CancelProducer.connect({ redisUrl, queuePrefix: prefix, defaultRegion: 'ap-singapore' });
}

async function requestsKnown({ redis, prefix }: Installation): Promise<number> {
  return await redis.zcard(redisKeys(prefix).requests);
}

describe.concurrent('a request that is handed in', () => {
  it('is accepted once its invocation has a job in the queue', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const targets = [{ invocationId: 'inv-00000001', instanceIds: instanceIds(250) }];
    const enqueued = await installation.producer.enqueue({ targets, reason: 'bad command' });
    expect(enqueued).toEqual({
      requestId: expect.stringMatching(/^req-/),
      instances: 250,
      jobs: 3,
      duplicate: false,
      state: 'waiting',
    });
    const queue = new CancelQueue(installation.redis, installation.prefix);
    await expect(queue.queue.getJobCountByTypes('prioritized')).resolves.toBe(1);
    await queue.close();
    await expect(installation.redis.zcard(redisKeys(installation.prefix).unqueuedPools)).resolves.toBe(0);
    await expect(installation.producer.status(enqueued.requestId)).resolves.toMatchObject({
      state: 'waiting',
      total: 250,
      counts: { waiting: 250 },
      jobs: 3,
      calls: 0,
      reason: 'bad command',
    });
  });

  it('that is not valid is refused, and nothing is enqueued', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const refused = installation.producer.enqueue({ targets: [{ invocationId: 'inv-1', instanceIds: [] }] });
    await expect(refused).rejects.toBeInstanceOf(EnqueueError);
    await expect(refused).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      problems: [{ path: 'targets[0].invocationId' }, { path: 'targets[0].instanceIds' }],
    });
    expect(await requestsKnown(installation)).toBe(0);
  });

  it('is unknown under any other id', async ({ install }) => {
    const { producer } = await install({ workers: 0 });
    await expect(producer.status('req-unknown')).resolves.toBeUndefined();
    await expect(producer.waitUntilFinished('req-unknown')).rejects.toMatchObject({
      code: 'REQUEST_NOT_FOUND',
    });
  });

  it('can be waited for, until the caller loses patience', async ({ install }) => {
    const { producer } = await install({ workers: 0 });
    const { requestId } = await producer.enqueue(request);
    const impatient = producer.waitUntilFinished(requestId, { signal: AbortSignal.timeout(20) });
    await expect(impatient).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('is carried out and found finished', async ({ install }) => {
    const { producer, simulator } = await install();
    const { invocationId, instanceIds: ids } = simulator.addInvocation({ instances: 2 });
    const targets = [{ invocationId, instanceIds: [...ids] }];
    const { requestId } = await producer.enqueue({ targets, confirm: false });
    await expect(producer.waitUntilFinished(requestId)).resolves.toMatchObject({
      state: 'finished',
      counts: { accepted: 2 },
      settledAt: expect.stringMatching(/Z$/),
    });
  });
});

describe.concurrent('an idempotency key', () => {
  it('makes one request of fifty that come at once from several producers', async ({ install }) => {
    const installation = await install();
    const { invocationId, instanceIds: ids } = installation.simulator.addInvocation({ instances: 2 });
    const content = {
      targets: [{ invocationId, instanceIds: [...ids] }],
      idempotencyKey: 'incident-7',
      confirm: false,
    };
    const producers = await Promise.all([1, 2, 3, 4].map(() => connect(installation)));
    const enqueued = await Promise.all(
      Array.from({ length: 50 }, (_, index) => producers[index % 4]?.enqueue(content)),
    );
    expect(new Set(enqueued.map((each) => each?.requestId)).size).toBe(1);
    expect(enqueued.filter((each) => each?.duplicate === false)).toHaveLength(1);
    expect(await requestsKnown(installation)).toBe(1);
    const requestId = enqueued[0]?.requestId ?? '';
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 2 });
    expect(installation.simulator.record.count('CancelInvocation')).toBe(1);
    const late = await installation.producer.enqueue(content);
    expect(late).toMatchObject({ requestId, duplicate: true, instances: 2, jobs: 1 });
    await Promise.all(producers.map((producer) => producer.close()));
  });

  it('that was used for other content is refused, whatever differs', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const { producer } = installation;
    const { requestId } = await producer.enqueue({ ...request, idempotencyKey: 'k' });
    for (const changes of [
      { targets: [{ invocationId: 'inv-00000001' }] },
      { priority: 'urgent' as const },
      { region: 'ap-tokyo' },
    ]) {
      const refused = producer.enqueue({ ...request, ...changes, idempotencyKey: 'k' });
      await expect(refused).rejects.toMatchObject({
        code: 'IDEMPOTENCY_CONFLICT',
        message: expect.stringContaining(requestId),
      });
    }
    expect(await requestsKnown(installation)).toBe(1);
    await expect(producer.status(requestId)).resolves.toMatchObject({ total: 2, counts: { waiting: 2 } });
  });

  it('lets a repetition queue what the first try could not, in the order of the first', async ({
    install,
  }) => {
    const installation = await install({ workers: 0 });
    const { producer, redis, prefix } = installation;
    const keys = redisKeys(prefix);
    const targets = ['inv-00000001', 'inv-00000002'].map((invocationId) => ({
      invocationId,
      instanceIds: instanceIds(1_500), // together more than one step accepts
    }));
    const { requestId } = await producer.enqueue({ targets, idempotencyKey: 'k' });
    // As if the first try had died before it queued anything.
    const queue = new CancelQueue(redis, prefix);
    await queue.queue.obliterate({ force: true });
    const pools = targets.map(({ invocationId }) => keys.pool('ap-singapore', invocationId));
    await redis.del(keys.pools, ...pools);
    await redis.zadd(keys.unqueued, Date.now(), requestId);
    const repeated = await producer.enqueue({ targets: targets.toReversed(), idempotencyKey: 'k' });
    expect(repeated).toMatchObject({ requestId, duplicate: true });
    const jobs = await queue.queue.getPrioritized();
    expect(jobs.map((job) => job.data.invocationId).sort()).toEqual(['inv-00000001', 'inv-00000002']);
    expect(await Promise.all(pools.map((pool) => redis.zcard(pool)))).toEqual([15, 15]);
    await expect(redis.zcard(keys.unqueued)).resolves.toBe(0);
    await queue.close();
  });
});

describe.concurrent('a closed producer', () => {
  it('refuses everything, and may be closed again', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const producer = await connect(installation);
    await producer.close();
    await producer.close();
    await expect(producer.enqueue(request)).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(producer.status('req-1')).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

function instanceIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `ins-${String(index).padStart(8, '0')}`);
}
