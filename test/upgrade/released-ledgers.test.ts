import { describe, expect } from 'vitest';
import { CancelQueue } from '../../src/shared/cancel-queue.js';
import { DeadLetters } from '../../src/shared/dead-letters/index.js';
import { PoolLedger } from '../../src/shared/ledger/index.js';
import { PoolQueuer } from '../../src/shared/pool-queuer.js';
import type { Installation } from '../support/installation.js';
import { it } from '../support/installed-test.js';
import { callsFor, countsOf, untilDeadLetters, untilFinished } from '../support/outcomes.js';
import { type LedgerFixture, loadLedgerFixture, readLedgerFixture } from './ledger-fixture.js';

/** Nothing of it goes for its age, and what is still running gets its second cancel soon. */
const worker = {
  retentionHours: 1_000_000,
  callsPerSecond: 200,
  timings: { reconcileEveryMs: 200, patience: { againAfterMs: 1_000, deadlineMs: 10_000 } },
};

/** Each instance that had not been accepted was cancelled once by the new version, and no other. */
function expectNothingTwice(installation: Installation, { requests, keys }: LedgerFixture): void {
  for (const [name, { requestId }] of Object.entries(requests)) {
    if (!name.startsWith('waiting-')) continue;
    const request = keys[`:ledger:request:${requestId}`];
    if (request?.type !== 'hash') throw new Error(`no request ${requestId}`);
    const [, invocationId = ''] = request.value['t:0']?.split('|') ?? [];
    for (const id of request.value['i:0']?.split(' ').filter(Boolean) ?? []) {
      expect(callsFor(installation, invocationId, id), `${name} ${id}`).toHaveLength(1);
    }
  }
}

describe.concurrent.each(['0.1.0'])('what version %s left in Redis in the midst of its work', (version) => {
  it('is counted as that version counted it', async ({ install }) => {
    const fixture = readLedgerFixture(version);
    const installation = await install({ workers: 0 });
    await loadLedgerFixture(fixture, installation);
    for (const { requestId, state, total, counts } of Object.values(fixture.requests)) {
      expect(await installation.producer.status(requestId)).toMatchObject({ state, total, counts });
    }
  });

  it('is carried out to its end, and nothing of it twice', async ({ install }) => {
    const fixture = readLedgerFixture(version);
    const installation = await install({ workers: 0, worker, simulator: { callsPerSecond: 0 } });
    await loadLedgerFixture(fixture, installation);
    installation.startWorker();
    const outcomes: Record<string, ReturnType<typeof countsOf>> = {};
    for (const [name, { requestId }] of Object.entries(fixture.requests)) {
      outcomes[name] = countsOf(await untilFinished(installation, requestId));
    }
    const singles = Object.entries(outcomes).filter(([name]) => name.startsWith('waiting-single-'));
    expect(singles.map(([, counts]) => counts)).toEqual(singles.map(() => ({ terminated: 1 })));
    expect(outcomes).toMatchObject({
      finished: { terminated: 3 },
      dead: { accepted: 4, 'dead-lettered': 2 },
      'dead-whole': { 'dead-lettered': 1 },
      accepted: { terminated: 125 },
      retrying: { terminated: 6 },
      'waiting-list': { terminated: 150 },
      'waiting-whole': { terminated: 130 },
      withdrawn: { withdrawn: 7 },
      forgotten: { terminated: 2 },
    });
    expectNothingTwice(installation, fixture);
    expect(installation.simulator.record.calls('CancelInvocation').length).toBeLessThan(20);
  });

  it('has its dead letters listed, redriven and discarded like new ones', async ({ install }) => {
    const fixture = readLedgerFixture(version);
    const installation = await install({ workers: 0, worker, simulator: { callsPerSecond: 0 } });
    await loadLedgerFixture(fixture, installation);
    installation.startWorker();
    const letters = await untilDeadLetters(installation, 2);
    const counted = letters.map(({ error, target }) => [error.code, target.instanceIds?.length ?? 'whole']);
    expect(counted.sort()).toEqual([
      ['InvalidParameterValue.InstanceIsNotRelatedToInvocation', 2],
      ['ResourceNotFound.InvocationNotFound', 'whole'],
    ]);
    const { redis, prefix } = installation;
    const queuer = new PoolQueuer(new PoolLedger(redis, prefix), new CancelQueue(redis, prefix));
    const desk = new DeadLetters(redis, prefix, queuer);
    const filter = { code: 'ResourceNotFound.InvocationNotFound' };
    expect(await desk.discard({ selection: { filter }, by: 'tester' }, 'known')).toMatchObject({
      letters: 1,
    });
    const others = { code: 'InvalidParameterValue.InstanceIsNotRelatedToInvocation' };
    expect(await desk.redrive({ selection: { filter: others }, by: 'tester' })).toMatchObject({
      letters: 1,
      instances: 2,
    });
    const dead = fixture.requests.dead?.requestId ?? '';
    expect(countsOf(await untilFinished(installation, dead))).toEqual({ accepted: 4, 'dead-lettered': 2 });
  });

  it('gives the same request back for a key that was used before', async ({ install }) => {
    const fixture = readLedgerFixture(version);
    const installation = await install({ workers: 0 });
    await loadLedgerFixture(fixture, installation);
    const before = fixture.requests['waiting-list'];
    const request = fixture.keys[`:ledger:request:${before?.requestId}`];
    if (request?.type !== 'hash') throw new Error('no such request');
    const instanceIds = [request.value['i:0'], request.value['i:1']].join(' ').split(' ');
    const [region = '', invocationId = ''] = request.value['t:0']?.split('|') ?? [];
    const again = await installation.producer.enqueue({
      targets: [{ region, invocationId, instanceIds }],
      reason: 'waiting-list',
      idempotencyKey: 'fixture-list',
    });
    expect(again).toMatchObject({ requestId: before?.requestId, duplicate: true });
  });
});
