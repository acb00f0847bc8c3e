import { describe, expect } from 'vitest';
import { CancelProducer } from '../../src/producer/index.js';
import type { Installation } from '../support/installation.js';
import { it } from '../support/installed-test.js';
import { countsOf, untilFinished } from '../support/outcomes.js';
import { PrivateRedis } from '../support/private-redis.js';
import { addTargets, allInstances } from '../support/request-truth.js';
import { waitUntil } from '../support/wait-until.js';

async function keysOf({ redis, prefix }: Installation): Promise<string[]> {
  return await redis.keys(`${prefix}*`);
}

/** Keys that hold something of one request; counters, leases and the like serve all of them. */
function keysOfRequests(keys: readonly string[]): string[] {
  return keys.filter((key) =>
    /:request:|:pool:|:accepted:|:instances:|:tat-cancel(?:-webhook)?:(?:req|key)-/.test(key),
  );
}

describe('a finished request', { timeout: 60_000 }, () => {
  it('is still known after everything was started anew', async ({ install }) => {
    const redis = await PrivateRedis.start({ directives: [['appendfsync', 'always']] });
    const installation = await install({ redisUrl: redis.url });
    const { requestId } = await installation.producer.enqueue({
      targets: addTargets(installation, 2, 3),
      reason: 'the wrong machines',
    });
    const before = await untilFinished(installation, requestId);
    const instances = await allInstances(installation, requestId);
    await Promise.all(installation.workers.map((worker) => worker.close(5_000)));
    await installation.producer.close();
    await redis.kill();
    await redis.restart();
    const producer = await CancelProducer.connect({
      redisUrl: redis.url,
      queuePrefix: installation.prefix,
    });
    const after = await producer.status(requestId);
    expect(after).toEqual({ ...before, etaSeconds: null });
    expect((await producer.instances(requestId)).instances).toEqual(instances);
    await producer.close();
    await installation.close();
    await redis.stop();
  });

  it('is removed whole when its time is over', async ({ install }) => {
    const installation = await install({ workers: 0, worker: { retentionHours: 0 } });
    const { producer } = installation;
    const { invocationId } = installation.simulator.addInvocation({ instances: 7 });
    const requests = await Promise.all([
      producer.enqueue({ targets: addTargets(installation, 4, 120) }),
      producer.enqueue({ targets: [{ invocationId }] }),
      producer.enqueue({ targets: addTargets(installation, 1, 3), idempotencyKey: 'once', confirm: false }),
    ]);
    expect(keysOfRequests(await keysOf(installation)).length).toBeGreaterThan(10);
    installation.startWorker();
    for (const { requestId } of requests) {
      await waitUntil(
        'it is forgotten',
        async () => (await producer.status(requestId)) === undefined,
        30_000,
      );
    }
    await waitUntil('nothing is left', async () => keysOfRequests(await keysOf(installation)).length === 0);
    expect((await producer.requests()).requests).toEqual([]);
  });

  it('stays while it has dead letters', async ({ install }) => {
    const installation = await install({ worker: { retentionHours: 0 } });
    const { producer, simulator } = installation;
    const targets = addTargets(installation, 1, 2);
    targets[0]?.instanceIds.push('ins-stranger1');
    const { requestId } = await producer.enqueue({ targets, confirm: false });
    const other = await producer.enqueue({ targets: addTargets(installation, 1, 2), confirm: false });
    await waitUntil('the other is forgotten', async () => !(await producer.status(other.requestId)));
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({
      accepted: 2,
      'dead-lettered': 1,
    });
    const later = await producer.enqueue({ targets: addTargets(installation, 1, 2), confirm: false });
    await waitUntil('a later one is forgotten', async () => !(await producer.status(later.requestId)));
    expect(await producer.status(requestId)).toMatchObject({ state: 'finished' });
    expect(simulator.record.countByCode().CancelInvocation).toMatchObject({ OK: 3 });
  });
});
