import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, it as plainIt } from 'vitest';
import { JobReader, Ledger, type PlannedRequest, PoolLedger } from '../../src/shared/ledger/index.js';
import { OverviewReader } from '../../src/shared/queue-overview.js';
import { redisKeys } from '../../src/shared/redis-keys.js';
import type { Priority } from '../../src/shared/schemas.js';
import { it } from '../support/installed-test.js';
import { untilDeadLetters, untilFinished, untilStatus } from '../support/outcomes.js';
import { addTargets } from '../support/request-truth.js';
import { openDeadLetters } from '../support/test-dead-letters.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../support/test-prefix.js';
import { waitUntil } from '../support/wait-until.js';

const region = 'ap-guangzhou';
const invocationId = 'inv-aaaaaaaa';
const nothing = { jobs: 0, instances: 0 };

let client: Redis;
let prefix: string;
let ledger: Ledger;
let reader: OverviewReader;

beforeAll(() => {
  client = connectToTestRedis();
});
afterAll(() => {
  client.disconnect();
});
beforeEach(() => {
  prefix = freshPrefix();
  ledger = new Ledger(client, prefix);
  reader = new OverviewReader({ client, prefix });
  onTestFinished(() => removeKeysOf(client, prefix));
});

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `ins-${String(index).padStart(8, '0')}`);
}

function planned(requestId: string, priority: Priority = 'normal', jobs = [3]): PlannedRequest {
  return {
    requestId,
    fingerprint: `print-of-${requestId}`,
    priority,
    facts: { priority, confirm: '1' },
    jobs: jobs.map((count) => ({ region, invocationId, instanceIds: ids(count) })),
  };
}

async function claim(callId: string, leaseMs = 15_000, mostIds = 100) {
  return await new PoolLedger(client, prefix).claim({
    callId,
    pool: { region, invocationId },
    mostIds,
    leaseMs,
  });
}

const attempt = { at: 1_700_000_000_000, worker: 'w1', code: 'InternalError', message: 'm' };

function bury(ref: string, letterId: string, mask = 'd') {
  const letter = { requestId: ref.split('.')[0] ?? '', jobId: ref, code: 'InvalidParameter', message: 'no' };
  return ledger.settle({
    landed: true,
    leaseMs: 0,
    calls: 0,
    sentAt: 0,
    moves: [{ kind: 'bury', ref, mask, letterId, letter }],
  });
}

/** What the counters ought to say, from walking every letter of every request. */
async function counted() {
  const jobs = new JobReader(client, prefix);
  const waiting = { urgent: { ...nothing }, normal: { ...nothing }, low: { ...nothing } };
  const requests = new Set<string>();
  for (const requestId of await client.zrange(redisKeys(prefix).requests, '0', '-1')) {
    const outline = await jobs.outline(requestId);
    for (const { letters } of await jobs.jobs(requestId, 0, outline!.jobs)) {
      const instances = letters.replace(/[^ws]/g, '').length;
      if (instances === 0) continue;
      requests.add(requestId);
      waiting[outline!.priority].jobs += 1;
      waiting[outline!.priority].instances += instances;
    }
  }
  return { waiting, requests: [...requests].sort() };
}

describe('the counters behind the overview', () => {
  plainIt('count what was accepted, once, by priority', async () => {
    // Both within one millisecond, the names decide.
    await ledger.accept(planned('first', 'urgent', [2, 3]));
    await ledger.accept(planned('later', 'low', [4]));
    await ledger.accept(planned('later', 'low', [4]));
    const overview = await reader.read();
    expect(overview.waiting).toEqual({
      urgent: { jobs: 2, instances: 5 },
      normal: nothing,
      low: { jobs: 1, instances: 4 },
    });
    expect(overview.unsettledRequests).toBe(2);
    expect(overview.oldestWaiting).toMatchObject({ requestId: 'first' });
    expect(overview.oldestWaiting!.ageSeconds).toBeLessThan(30);
  });

  plainIt('count an instance that a call carries as waiting until the answer is in', async () => {
    await ledger.accept(planned('r'));
    await claim('c', 15_000, 2);
    expect((await reader.read()).waiting.normal).toEqual({ jobs: 1, instances: 3 });
    const accept = { kind: 'accept', cloudRequestId: 'q', confirm: true, firstLookMs: 0 } as const;
    const report = { callId: 'c', landed: true, leaseMs: 0, calls: 1, sentAt: 1 };
    await ledger.settle({ ...report, moves: [{ ...accept, ref: 'r.0', mask: 'aa.' }] });
    expect((await reader.read()).waiting.normal).toEqual({ jobs: 1, instances: 1 });
    await ledger.settle({ ...report, moves: [{ ...accept, ref: 'r.0', mask: '..a' }] });
    const overview = await reader.read();
    expect(overview.waiting.normal).toEqual(nothing);
    expect(overview.oldestWaiting).toBeNull();
    expect(overview.unsettledRequests).toBe(1); // not read back yet
  });

  plainIt(
    'are true again after withdrawal, release and redrive, with and without another target',
    async () => {
      await ledger.accept(planned('gone', 'urgent', [5, 5]));
      await ledger.accept(planned('dead', 'low', [2]));
      await ledger.withdraw('gone');
      expect((await reader.read()).waiting.urgent).toEqual(nothing);
      expect((await reader.read()).oldestWaiting?.requestId).toBe('dead');
      await claim('c', 0);
      await ledger.releaseOverdue(10);
      expect((await reader.read()).waiting.low).toEqual({ jobs: 1, instances: 2 });
      await bury('dead.0', 'letter-1');
      expect((await reader.read()).waiting.low).toEqual(nothing);
      const deadLetters = openDeadLetters({ redis: client, prefix });
      const order = { selection: { filter: {} }, by: 'me' };
      await deadLetters.redrive(order);
      expect((await reader.read()).waiting.low).toEqual({ jobs: 1, instances: 2 });
      await bury('dead.0', 'letter-2', 'd.');
      await deadLetters.redrive(order, { invocationId: 'inv-bbbbbbbb' });
      expect((await reader.read()).waiting.low).toEqual({ jobs: 2, instances: 2 });
      expect((await reader.read()).oldestWaiting?.requestId).toBe('dead');
    },
  );

  plainIt(
    'equal the sum over all requests after any moves',
    async () => {
      const mask = fc.string({
        unit: fc.constantFrom('w', 's', 'a', 'c', 'd', 'x', '.'),
        minLength: 3,
        maxLength: 3,
      });
      const step = fc.record({
        what: fc.constantFrom(
          'accept',
          'return',
          'retry',
          'bury',
          'again',
          'withdraw',
          'redrive',
          'move',
          'lapse',
        ),
        request: fc.integer({ min: 0, max: 3 }),
        position: fc.integer({ min: 0, max: 1 }),
        mask,
      });
      const deadLetters = openDeadLetters({ redis: client, prefix });
      let serial = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
          const run = `p${serial++}-`;
          for (const [index, priority] of (['urgent', 'normal', 'low', 'normal'] as const).entries()) {
            await ledger.accept(planned(`${run}${index}`, priority, [3, 3]));
          }
          for (const { what, request, position, mask: marks } of steps) {
            const ref = { requestId: `${run}${request}`, position };
            const name = `${ref.requestId}.${position}`;
            const letterId = `letter-${serial++}`;
            const order = { selection: { filter: { requestId: ref.requestId } }, by: 'me' };
            const base = { ref: name, mask: marks };
            const settle = (move: Parameters<Ledger['settle']>[0]['moves'][number]) =>
              ledger.settle({ landed: true, leaseMs: 0, calls: 0, sentAt: 0, moves: [move] });
            await claim(`call-${serial++}`, what === 'lapse' ? 0 : 15_000, 4);
            if (what === 'accept')
              await settle({ ...base, kind: what, cloudRequestId: 'q', confirm: true, firstLookMs: 0 });
            else if (what === 'return' || what === 'again') await settle({ ...base, kind: what });
            else if (what === 'retry') await settle({ ...base, kind: what, attempt, notBeforeMs: 0 });
            else if (what === 'bury') await bury(name, letterId, marks);
            else if (what === 'withdraw') await ledger.withdraw(ref.requestId);
            else if (what === 'redrive') await deadLetters.redrive(order);
            else if (what === 'move') await deadLetters.redrive(order, { invocationId: 'inv-cccccccc' });
            else await ledger.releaseOverdue(100);
          }
          const { waiting, requests } = await counted();
          expect((await reader.read()).waiting).toEqual(waiting);
          expect((await client.zrange(redisKeys(prefix).waiting, '0', '-1')).sort()).toEqual(requests);
          await removeKeysOf(client, prefix);
        }),
        { numRuns: 40 },
      );
    },
    60_000,
  );
});

describe('the overview of an installation at work', () => {
  it('tells rate, limit, workers, dead letters and queues, and ends at nothing waiting', async ({
    install,
  }) => {
    const installation = await install({ workers: 2, worker: { callsPerSecond: 500 } });
    const { producer, redis } = installation;
    const overviews = new OverviewReader({ client: redis, prefix: installation.prefix });
    const targets = [
      ...addTargets(installation, 20, 5),
      { invocationId: 'inv-0000dead', instanceIds: ids(2) },
    ];
    const { requestId } = await producer.enqueue({ targets });
    await untilFinished(installation, requestId);
    await untilDeadLetters(installation, 1, { requestId });
    const overview = await waitUntil('the calls are in whole seconds', async () => {
      const read = await overviews.read();
      return read.instancesPerSecond * 10 >= 99 && read.workers.length === 2 ? read : undefined;
    });
    expect(overview).toMatchObject({
      callsPerSecondLimit: 500,
      waiting: { urgent: nothing, normal: nothing, low: nothing },
      unsettledRequests: 0,
      oldestWaiting: null,
      held: null,
      paused: false,
      refusals: { lastMinute: 0 },
    });
    expect(overview.callsPerSecond * 10).toBeGreaterThanOrEqual(20);
    expect(overview.pace).toBeGreaterThan(400);
    const { deadLetters } = await installation.deadLetters.list({}, { limit: 100 });
    expect(overview.deadLetters).toBe(deadLetters.length);
    expect(overview.queues.map(({ name }) => name)).toEqual([
      'tat-cancel',
      'tat-cancel-dead-letter',
      'tat-cancel-webhook',
    ]);
    expect(overview.queues[0]).toMatchObject({ waiting: 0, prioritized: 0, active: 0, failed: 0 });
  });

  it('tells held and paused apart, who paused, and counts refusals', async ({ install }) => {
    const installation = await install({ simulator: { callsPerSecond: 5 }, worker: { callsPerSecond: 100 } });
    const { producer, simulator, redis } = installation;
    const overviews = new OverviewReader({ client: redis, prefix: installation.prefix });
    const { requestId } = await producer.enqueue({
      targets: addTargets(installation, 40, 1),
      confirm: false,
    });
    await waitUntil('refusals are told', async () => (await overviews.read()).refusals.lastMinute > 0);
    await producer.pause({ by: 'ops', reason: 'looking into it' });
    simulator.credentials.disable('AKIDSIMULATOR');
    expect((await overviews.read()).paused).toMatchObject({ by: 'ops', reason: 'looking into it' });
    await producer.resume();
    expect((await overviews.read()).paused).toBe(false);
    await waitUntil('held is told', async () => (await overviews.read()).held !== null);
    simulator.credentials.enable('AKIDSIMULATOR');
    await waitUntil('no longer held', async () => (await overviews.read()).held === null);
    await untilStatus(
      installation,
      requestId,
      'all accepted',
      ({ counts }) => counts.accepted === 40,
      30_000,
    );
    expect((await overviews.read()).waiting.normal).toEqual(nothing);
  });

  it('knows neither limit nor pace while no worker is alive', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const overviews = new OverviewReader({ client: installation.redis, prefix: installation.prefix });
    expect(await overviews.read()).toMatchObject({ callsPerSecondLimit: null, pace: null, workers: [] });
    await installation.redis.hset(`${installation.prefix}:tat-cancel:meta`, 'paused', '1'); // not by this program
    expect((await overviews.read()).paused).toBe(true);
    await installation.producer.resume();
    await installation.producer.pause({ by: 'ann' });
    await installation.producer.pause({ by: 'bob' });
    expect((await overviews.read()).paused).toMatchObject({ by: 'ann' });
    await installation.redis.hdel(`${installation.prefix}:tat-cancel:meta`, 'paused'); // resumed in the same way
    await installation.producer.pause({ by: 'bob' });
    expect((await overviews.read()).paused).toMatchObject({ by: 'bob' });
  });
});
