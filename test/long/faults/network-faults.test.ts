import { describe, expect } from 'vitest';
import type { WayDelay } from '../../support/fault-proxy.js';
import { it } from '../../support/fault-test.js';
import { fullLengthOr } from '../../support/full-length.js';
import { pass } from '../../support/pass-time.js';
import { waitUntil } from '../../support/wait-until.js';

/** Stands still for the last 300 ms of every second. */
const stalls: WayDelay = () => {
  const sinceMs = performance.now() % 1_000;
  return sinceMs < 700 ? 0 : 1_000 - sinceMs;
};

describe.concurrent('a way to Redis', () => {
  it.for<[string, WayDelay]>([
    ['of 30 ms each way', () => 30],
    ['of a random time up to 100 ms each way', () => Math.random() * 100],
    ['of 200 ms there and back', () => 100],
    ['that stalls for 300 ms once a second', stalls],
  ])('%s costs neither the limit nor anybody’s outcome', async ([what, delay], { scene }) => {
    const it = await scene({ workers: 0, worker: { timings: { leaseMarginMs: 3_000 } } });
    const ways = await Promise.all([it.startWorkerBehindProxy(), it.startWorkerBehindProxy()]);
    for (const { proxy } of ways) proxy.delay = delay;
    await it.ask({ invocations: 40 });
    const { outcomes, repeats } = await it.verify({ fault: `Redis at a distance ${what}` });
    expect([outcomes, repeats]).toEqual([{ terminated: 200 }, 0]);
  });

  it('that is cut off for one worker, with its connections open, has its work done by others, and the worker takes part again', async ({
    scene,
  }) => {
    const it = await scene({ workers: 1, worker: { concurrency: 60 } });
    const { worker, proxy } = await it.startWorkerBehindProxy();
    await it.ask({ invocations: 150 });
    await it.calls(20);
    await it.disrupt('half-open', async () => {
      proxy.freeze();
      await pass(fullLengthOr(90_000, 5_000));
      proxy.thaw();
      await it.ask({ invocations: 150 });
      await waitUntil('the worker takes part again', async () => {
        const report = await it.redis.hget(`${it.prefix}:workers`, `fault-worker-${worker.pid}`);
        return report !== null && Date.now() - JSON.parse(report).at < 2_500 && JSON.parse(report).jobs > 0;
      });
    });
    const { outcomes } = await it.verify({ fault: 'one worker cut off from Redis, half-open' });
    expect(outcomes).toEqual({ terminated: 1_500 });
  });

  it.for(['there', 'back'] as const)(
    'that loses what goes %s for one worker spoils nothing',
    async (way, { scene }) => {
      const it = await scene({ workers: 1 });
      const { proxy } = await it.startWorkerBehindProxy();
      await it.ask({ invocations: 80 });
      await it.calls(20);
      await it.disrupt(`nothing goes ${way}`, async () => {
        proxy.freeze(way);
        await pass(4_000);
        proxy.reset(); // what was on the way is lost for good
        proxy.thaw();
        await pass(500);
      });
      const { outcomes } = await it.verify({ fault: `what goes ${way} between Redis and a worker is lost` });
      expect(outcomes).toEqual({ terminated: 400 });
    },
  );

  it('that is reset in the middle of replies again and again delays, no more', async ({ scene }) => {
    const it = await scene({ workers: 0 });
    const { proxy } = await it.startWorkerBehindProxy();
    await it.ask({ invocations: 80 });
    await it.calls(5);
    await it.disrupt('resets', async () => {
      for (const bytes of [1, 7, 200, 1_500, 4_000]) {
        const cuts = proxy.cuts;
        proxy.cutAfter(bytes, 'back', 'reset');
        await waitUntil('the connection was cut', () => proxy.cuts > cuts);
        await it.calls(2);
      }
    });
    const { outcomes } = await it.verify({ fault: 'connections reset in the middle of replies' });
    expect(outcomes).toEqual({ terminated: 400 });
  });
});
