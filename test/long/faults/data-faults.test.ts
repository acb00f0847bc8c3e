import { Queue } from 'bullmq';
import { describe, expect } from 'vitest';
import { cancelQueueName } from '../../../src/shared/queue-names.js';
import type { FaultScene } from '../../support/fault-scene.js';
import { it } from '../../support/fault-test.js';
import { waitUntil } from '../../support/wait-until.js';

/** Ten invocations, each asked for with two members and one stranger. */
async function askWithStrangers(it: FaultScene): Promise<void> {
  const request = it.plan({ invocations: 10, instances: 2 });
  const targets = request.targets.map((target) => ({
    ...target,
    instanceIds: [...(target.instanceIds ?? []), 'ins-stranger1'],
  }));
  await it.enqueue({ targets });
}

describe.concurrent('a worker that dies over dead letters', () => {
  it.for(['before the dead letter is shown'] as const)(
    'leaves exactly one for each instance: %s',
    async (dieAt, { scene }) => {
      const it = await scene({ workers: 0 });
      const dying = await it.startWorker({}, { dieAt });
      await it.disrupt('death over a dead letter', async () => {
        await askWithStrangers(it);
        await expect(dying.ended).resolves.toMatchObject({ signal: 'SIGKILL' });
      });
      await it.startWorker();
      const { outcomes } = await it.verify({ fault: `worker killed ${dieAt}` });
      expect(outcomes).toEqual({ terminated: 20, 'dead-lettered': 10 });
    },
  );

  it('of a job that BullMQ gave up is carried out by another, and nothing is left among the failed', async ({
    scene,
  }) => {
    const it = await scene({ workers: 0 });
    await it.ask({ invocations: 1 });
    const queue = `${it.prefix}:${cancelQueueName}`;
    const [jobId = ''] = await it.redis.zrange(`${queue}:prioritized`, '0', '0');
    await it.redis
      .multi()
      .zrem(`${queue}:prioritized`, jobId)
      .zadd(`${queue}:failed`, Date.now(), jobId)
      .hset(`${queue}:${jobId}`, 'failedReason', 'job stalled more than allowable limit')
      .exec();
    const dying = await it.startWorker({}, { dieAt: 'before the queue forgets the failed job' });
    await expect(dying.ended).resolves.toMatchObject({ signal: 'SIGKILL' });
    await it.startWorker();
    const { outcomes } = await it.verify({
      fault: 'worker killed between replacing a failed job and its removal',
    });
    expect(outcomes).toEqual({ terminated: 5 });
  });
});

describe.concurrent('the queue in Redis', () => {
  it('drained and obliterated by hand while workers are at work has all its work done', async ({ scene }) => {
    const it = await scene();
    await it.ask({ invocations: 120 });
    await it.calls(20);
    const queue = new Queue(cancelQueueName, { connection: it.redis, prefix: it.prefix });
    await it.disrupt('drained', async () => {
      await queue.drain(true);
      await it.calls(5);
      await queue.obliterate({ force: true });
      await it.calls(5);
    });
    await queue.close();
    const { outcomes } = await it.verify({ fault: 'queue drained and obliterated by hand' });
    expect(outcomes).toEqual({ terminated: 600 });
  });

  it('with one of its keys overwritten by another type makes no worker spin, and goes on when that is mended', async ({
    scene,
  }) => {
    const it = await scene();
    await it.ask({ invocations: 100 });
    await it.calls(20);
    const key = `${it.prefix}:${cancelQueueName}:prioritized`;
    await it.disrupt('a key of the wrong type', async () => {
      await it.redis.multi().del(key).set(key, 'not a sorted set').exec();
      await waitUntil('it is noticed', () =>
        it.workers.some((worker) => worker.saying('trouble').length > 0),
      );
      await expectNoSpin(it, 3_000);
      await it.redis.del(key);
    });
    const { outcomes } = await it.verify({ fault: 'key of the queue overwritten by another type' });
    expect(outcomes).toEqual({ terminated: 500 });
  });

  it('takes jobs of a newer version, which say more than this one knows', async ({ scene }) => {
    const it = await scene({ workers: 0 });
    const { requestId } = await it.ask({ invocations: 3 });
    for (const position of [0, 1, 2]) {
      const key = `${it.prefix}:${cancelQueueName}:${requestId}.${position}`;
      const data = JSON.parse((await it.redis.hget(key, 'data')) ?? '{}');
      await it.redis.hset(key, 'data', JSON.stringify({ ...data, version: 2, mood: 'hopeful' }));
    }
    await it.startWorker();
    const { outcomes } = await it.verify({ fault: 'jobs of a newer version' });
    expect(outcomes).toEqual({ terminated: 15 });
  });
});

/** No worker uses more than half of a core. */
async function expectNoSpin({ workers }: FaultScene, forMs: number): Promise<void> {
  const startedAt = performance.now();
  const before = workers.map((worker) => worker.cpuMs());
  await waitUntil('some time has passed', () => performance.now() - startedAt > forMs);
  const passedMs = performance.now() - startedAt;
  for (const [index, worker] of workers.entries()) {
    expect((worker.cpuMs() - (before[index] ?? 0)) / passedMs).toBeLessThan(0.5);
  }
}

describe.concurrent('Redis that has no room', () => {
  it('in memory refuses new requests, makes no worker spin, and goes on when there is room', async ({
    scene,
  }) => {
    const it = await scene();
    await it.ask({ invocations: 100 });
    await it.calls(20);
    await it.disrupt('out of memory', async () => {
      await it.redis.config('SET', 'maxmemory', '1');
      const refused = it.producer.enqueue(it.plan({ invocations: 1 }));
      await expect(refused).rejects.toMatchObject({ code: 'REDIS_REFUSED' });
      await expectNoSpin(it, 3_000);
      await it.redis.config('SET', 'maxmemory', '0');
    });
    const { outcomes } = await it.verify({ fault: 'Redis out of memory for 3 s' });
    expect(outcomes).toEqual({ terminated: 500 });
  });

  it('on its disk refuses new requests, loses none that it took, and goes on when there is room', async ({
    scene,
  }) => {
    // Redis must live on when a write is cut short, as it does on a disk that is full.
    const launcher = ['sh', '-c', `trap '' XFSZ; exec "$0" "$@"`];
    const it = await scene({ redis: { launcher } });
    await it.ask({ invocations: 100 });
    await it.calls(20);
    await it.disrupt('disk full', async () => {
      await limitFiles(it, '1000');
      await waitUntil('Redis refuses', async () => {
        const refused = await it.ask({ invocations: 1 }).then(
          ({ requestId }) => requestId,
          ({ code }) => code,
        );
        return refused === 'REDIS_REFUSED';
      });
      await expectNoSpin(it, 3_000);
      await limitFiles(it, 'unlimited');
    });
    const { outcomes } = await it.verify({ fault: 'disk of Redis full for 3 s' });
    expect(Object.keys(outcomes)).toEqual(['terminated']);
  });

  it('and is killed in the middle of a write has everything it acknowledged after the restart', async ({
    scene,
  }) => {
    const it = await scene({ redis: { directives: [['appendfsync', 'always']] } });
    await it.ask({ invocations: 60 });
    await it.calls(10);
    await it.disrupt('torn file', async () => {
      const size = Number(/aof_current_size:(\d+)/.exec(await it.redis.info('persistence'))?.[1]);
      await limitFiles(it, String(size + 3_000)); // the write that crosses this line kills it half-way
      for (let times = 0; times < 200; times++) {
        const done = await it.ask({ invocations: 1 }).catch(() => undefined);
        if (done === undefined) break;
      }
      await it.server.kill();
      await it.server.restart();
    });
    const { outcomes } = await it.verify({ fault: 'Redis killed in the middle of a write' });
    expect(Object.keys(outcomes)).toEqual(['terminated']);
  });
});

async function limitFiles({ server }: FaultScene, bytes: string): Promise<void> {
  const { execFile } = await import('node:child_process');
  const { promisify } = await import('node:util');
  await promisify(execFile)('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:unlimited`]);
}
