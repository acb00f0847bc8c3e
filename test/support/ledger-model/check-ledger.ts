import { expect } from 'vitest';
import { nameOf, type PlainLedger } from './plain-ledger.js';
import { type RealLedger, region } from './real-ledger.js';

/** The ledger tells of every instance what the model says, its counts add up, and nothing that waits is forgotten. */
export async function checkLedger(plain: PlainLedger, real: RealLedger): Promise<void> {
  for (const request of plain.requests.values()) {
    const { requestId } = request;
    const status = await real.statuses.read(requestId);
    const { instances } = await real.instances.list(requestId, { limit: 10_000 });
    const told = instances.map(
      ({ invocationId, instanceId = '*', state }) => `${requestId} ${invocationId} ${instanceId} ${state}`,
    );
    const expected = plain.instancesOf(requestId);
    const known = expected.map((instance) => `${nameOf(instance)} ${seenAs(instance.state)}`);
    expect(told.sort()).toEqual(known.sort());
    const counts: Record<string, number> = {};
    for (const { state } of expected) counts[seenAs(state)] = (counts[seenAs(state)] ?? 0) + 1;
    const counted = Object.entries(status?.counts ?? {}).filter(([, count]) => count > 0);
    expect(Object.fromEntries(counted)).toEqual(counts);
    expect(status?.total).toBe(expected.length);
    // Retention keeps a request while more of it is dead than was put aside.
    const discarded = Number((await real.redis.hget(real.keys.request(requestId), 'discarded')) ?? 0);
    expect(discarded).toBe(expected.filter(({ isDiscarded }) => isDiscarded).length);
    const isFinished = status?.state === 'finished' || status?.state === 'withdrawn';
    expect([requestId, isFinished]).toEqual([requestId, plain.isFinished(request)]);
  }
  await checkLetters(plain, real);
  for (const { invocationId } of plain.all('waiting')) {
    const generation = await real.pools.generationOf({ region, invocationId });
    expect([invocationId, generation]).toEqual([invocationId, expect.any(Number)]);
  }
}

/** Each dead instance has one dead letter until that is put aside. */
async function checkLetters(plain: PlainLedger, real: RealLedger): Promise<void> {
  const letters = await real.operator.letters();
  const told = letters.flatMap(({ requestId, names }) =>
    names.map((name) => `${requestId} ${name.slice(region.length + 1)}`),
  );
  const dead = plain.all('dead-lettered').filter(({ isDiscarded }) => !isDiscarded);
  expect(told.sort()).toEqual(dead.map(nameOf).sort());
}

function seenAs(state: string): string {
  return state === 'sent' ? 'waiting' : state;
}

/** With all requests at their end nothing is left that anybody would have to deal with. */
export async function checkNothingLeft({ redis, keys, queue }: RealLedger): Promise<void> {
  const left = {
    flights: await redis.hlen(keys.flights),
    deadlines: await redis.zcard(keys.flightDeadlines),
    pools: await redis.hlen(keys.pools),
    unqueuedPools: await redis.zcard(keys.unqueuedPools),
    open: await redis.zcard(keys.open),
    waiting: await redis.zcard(keys.waiting),
    unqueued: await redis.zcard(keys.unqueued),
    queue: queue.size,
  };
  expect(left).toEqual(Object.fromEntries(Object.keys(left).map((what) => [what, 0])));
}
