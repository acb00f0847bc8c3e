import { describe, expect } from 'vitest';
import type { FaultScene } from '../../support/fault-scene.js';
import { it } from '../../support/fault-test.js';
import { fullLengthOr } from '../../support/full-length.js';
import { pass } from '../../support/pass-time.js';
import { waitUntil } from '../../support/wait-until.js';

/**
 * Every worker takes part in the work: each has reported that it holds jobs. They come back one after the other and
 * report every two seconds, so there must be work until the last of them has some.
 */
async function workUntilAllTakePart(scene: FaultScene): Promise<void> {
  const { redis, prefix, producer, workers } = scene;
  const missing = new Set(
    workers.filter(({ isRunning }) => isRunning).map(({ pid }) => `fault-worker-${pid}`),
  );
  let { requestId } = await scene.ask({ invocations: 120 });
  await waitUntil(
    'all workers hold jobs',
    async () => {
      for (const name of missing) {
        const report = await redis.hget(`${prefix}:workers`, name);
        if (report !== null && JSON.parse(report).jobs > 0) missing.delete(name);
      }
      if (missing.size === 0) return true;
      const left = (await producer.status(requestId))?.counts.waiting;
      if (left === 0) requestId = (await scene.ask({ invocations: 120 })).requestId;
      return false;
    },
    40_000,
  );
}

/** Every worker has said once more that it is alive. */
async function untilAllHaveReported({ redis, prefix, workers }: FaultScene): Promise<void> {
  const since = Date.now();
  await waitUntil('all workers have reported', async () => {
    const reports = await redis.hmget(
      `${prefix}:workers`,
      ...workers.map(({ pid }) => `fault-worker-${pid}`),
    );
    return reports.every((report) => report !== null && JSON.parse(report).at > since);
  });
}

function instancesAskedFor({ asked }: FaultScene): number {
  const targets = asked.flatMap(({ request }) => request.targets);
  return targets.reduce((sum, { instanceIds }) => sum + (instanceIds?.length ?? 0), 0);
}

describe.concurrent('Redis that is killed and restarted with its append-only file', () => {
  it.for([
    [2_000, 'at work'],
    [fullLengthOr(13_000, 3_000), 'at work'],
    [13_000, 'idle'],
  ] as const)(
    'is back after %d ms, and all workers take part again: %s',
    async ([downMs, state], { scene }) => {
      const it = await scene({
        worker: { concurrency: 40 },
        redis: { directives: [['appendfsync', 'always']] },
      });
      if (state === 'at work') {
        await it.ask({ invocations: 120 });
        await it.calls(20);
      } else {
        await it.ask({ invocations: 2 });
        await it.settled();
      }
      await it.disrupt('Redis is away', async () => {
        await it.server.kill();
        await pass(downMs);
        await it.server.restart();
      });
      await workUntilAllTakePart(it);
      const { outcomes } = await it.verify({
        fault: `Redis restarted with AOF after ${downMs / 1_000} s, ${state}`,
      });
      expect(outcomes).toEqual({ terminated: instancesAskedFor(it) });
    },
  );
});

describe.concurrent('Redis that loses its data', () => {
  it.for(['restarted empty', 'flushed'])(
    'is told by every worker, and new work is done: %s',
    async (how, { scene }) => {
      const it = await scene();
      await it.ask({ invocations: 100 });
      await it.calls(20);
      await it.disrupt('data lost', async () => {
        if (how === 'flushed') {
          await it.redis.flushall();
        } else {
          await it.server.kill();
          it.server.forget();
          await it.server.restart();
        }
        it.noteLoss();
        await waitUntil('all workers say so', () =>
          it.workers.every((worker) => worker.saying('Redis has lost its data').length === 1),
        );
      });
      await it.ask({ invocations: 60 });
      const { outcomes } = await it.verify({ fault: `Redis ${how}` });
      expect(outcomes).toEqual({ terminated: 300 });
    },
  );

  it('of the last seconds, as after a failover, is told by workers, and what it still has is done', async ({
    scene,
  }) => {
    const it = await scene({ redis: { directives: [['appendfsync', 'always']] } });
    await it.ask({ invocations: 100 });
    await it.calls(20);
    await it.disrupt('set back', async () => {
      const restore = it.server.backUp();
      const { requestId: lost } = await it.ask({ invocations: 20 });
      const asked = it.asked.at(-1);
      if (asked !== undefined) asked.isLost = true;
      await untilAllHaveReported(it);
      await it.server.kill();
      restore();
      await it.server.restart();
      await waitUntil('all workers say so', () =>
        it.workers.every((worker) => worker.saying('Redis has lost its latest writes').length === 1),
      );
      expect(await it.producer.status(lost)).toBeUndefined();
    });
    const { outcomes } = await it.verify({ fault: 'Redis goes back to what it was some seconds ago' });
    expect(outcomes).toEqual({ terminated: 500 });
  });

  it('of the queue, key by key, while the ledger is there, has it made good', async ({ scene }) => {
    const it = await scene();
    await it.ask({ invocations: 150 });
    await it.calls(5);
    const queue = `${it.prefix}:tat-cancel`;
    const keys = [
      'meta',
      'id',
      'wait',
      'active',
      'prioritized',
      'delayed',
      'pc',
      'marker',
      'events',
      'stalled',
      'stalled-check',
      'completed',
    ];
    await it.disrupt('keys of the queue deleted', async () => {
      for (const key of keys) {
        await it.redis.del(`${queue}:${key}`);
        await it.calls(2);
      }
    });
    const { outcomes } = await it.verify({ fault: 'each key of the queue deleted in turn' });
    expect(outcomes).toEqual({ terminated: 750 });
  });
});

describe.concurrent('Redis that hangs', () => {
  it.for(['CLIENT PAUSE', 'DEBUG SLEEP', 'SIGSTOP'])(
    'goes on, and so does the work: %s',
    async (how, { scene }) => {
      const ms = fullLengthOr(12_000, 4_000);
      const it = await scene();
      await it.ask({ invocations: 100 });
      await it.calls(20);
      await it.disrupt('Redis hangs', async () => {
        if (how === 'CLIENT PAUSE') await it.redis.client('PAUSE', ms, 'ALL');
        else if (how === 'DEBUG SLEEP') await it.redis.call('DEBUG', 'SLEEP', ms / 1_000);
        else process.kill(it.server.pid, 'SIGSTOP');
        if (how !== 'DEBUG SLEEP') await pass(ms);
        if (how === 'SIGSTOP') process.kill(it.server.pid, 'SIGCONT');
      });
      const { outcomes } = await it.verify({ fault: `Redis hangs for ${ms / 1_000} s (${how})` });
      expect(outcomes).toEqual({ terminated: 500 });
    },
  );

  it('and forgets scripts and clients every second disturbs nobody for long', async ({ scene }) => {
    const it = await scene();
    await it.ask({ invocations: fullLengthOr(400, 120) });
    await it.calls(10);
    const rounds = fullLengthOr(60, 5);
    await it.disrupt('scripts and connections go', async () => {
      for (let round = 0; round < rounds; round++) {
        await it.redis.script('FLUSH');
        await it.redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        await it.redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
        await pass(1_000);
      }
    });
    const { outcomes } = await it.verify({ fault: 'SCRIPT FLUSH and CLIENT KILL every second' });
    expect(Object.keys(outcomes)).toEqual(['terminated']);
  });
});
