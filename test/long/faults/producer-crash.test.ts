import { describe, expect } from 'vitest';
import { redisKeys } from '../../../src/shared/redis-keys.js';
import { type Death, deaths, enqueueAndDie } from '../../support/dying-producer.js';
import type { Installation } from '../../support/installation.js';
import { it } from '../../support/installed-test.js';
import { callsFor, countsOf, untilFinished } from '../../support/outcomes.js';

/** Three jobs of two invocations. */
function addContent({ simulator }: Installation) {
  const invocations = [
    simulator.addInvocation({ instances: 150 }),
    simulator.addInvocation({ instances: 5 }),
  ];
  const targets = invocations.map(({ invocationId, instanceIds }) => ({
    invocationId,
    instanceIds: [...instanceIds],
  }));
  return { invocations, request: { targets, idempotencyKey: 'incident-7', confirm: false } };
}

async function requestsKnown({ redis, prefix }: Installation): Promise<string[]> {
  return await redis.zrange(redisKeys(prefix).requests, '0', '-1');
}

describe.concurrent('a producer that is killed while it hands a request in', () => {
  it('before the ledger knows leaves no trace, and the request may be handed in again', async ({
    install,
  }) => {
    const installation = await install();
    const { request } = addContent(installation);
    await enqueueAndDie(installation, 'before the ledger knows', request);
    expect(await requestsKnown(installation)).toEqual([]);
    expect(await installation.redis.keys(`${installation.prefix}:tat-cancel:key-*`)).toEqual([]);
    const again = await installation.producer.enqueue(request);
    expect(again.duplicate).toBe(false);
    expect(countsOf(await untilFinished(installation, again.requestId))).toEqual({ accepted: 155 });
  });

  it.for(deaths.filter((death): death is Exclude<Death, 'before the ledger knows'> => death !== deaths[0]))(
    '%s has its request carried out all the same, every instance once',
    async (death, { install }) => {
      const installation = await install();
      const { invocations, request } = addContent(installation);
      await enqueueAndDie(installation, death, request);
      const [requestId = ''] = await requestsKnown(installation);
      expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 155 });
      for (const { invocationId, instanceIds } of invocations) {
        for (const id of instanceIds) expect(callsFor(installation, invocationId, id)).toHaveLength(1);
      }
      const again = await installation.producer.enqueue(request);
      expect(again).toMatchObject({ requestId, duplicate: true });
      expect(await requestsKnown(installation)).toEqual([requestId]);
      expect(installation.simulator.record.count('CancelInvocation')).toBe(3);
    },
  );

  it('before any job is added has its request carried out at once when the caller repeats it', async ({
    install,
  }) => {
    const installation = await install();
    const { request } = addContent(installation);
    await enqueueAndDie(installation, 'before any job is added', request);
    const { requestId, duplicate } = await installation.producer.enqueue(request);
    expect(duplicate).toBe(true);
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 155 });
    expect(installation.simulator.record.count('CancelInvocation')).toBe(3);
  });
});
