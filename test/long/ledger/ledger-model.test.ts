import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { LedgerMove } from '../../../src/shared/ledger/index.js';
import { fullLengthOr } from '../../support/full-length.js';
import { checkLedger, checkNothingLeft } from '../../support/ledger-model/check-ledger.js';
import { drain, ledgerCommands } from '../../support/ledger-model/ledger-commands.js';
import { PlainLedger } from '../../support/ledger-model/plain-ledger.js';
import { RealLedger, region } from '../../support/ledger-model/real-ledger.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../../support/test-prefix.js';

describe('the ledger', { timeout: 600_000 }, () => {
  let redis: Redis;

  beforeAll(() => {
    redis = connectToTestRedis(inject('redisUrl'));
  });
  afterAll(() => redis.disconnect());

  it('does what a plain model of it does, in whatever order, with crashes between any two steps', async () => {
    const { LEDGER_MODEL_RUNS, LEDGER_MODEL_SEED } = process.env;
    await fc.assert(
      fc.asyncProperty(fc.commands(ledgerCommands, { maxCommands: 60, size: 'max' }), async (commands) => {
        const plain = new PlainLedger();
        const real = new RealLedger(redis, freshPrefix());
        try {
          await fc.asyncModelRun(() => ({ model: plain, real }), commands);
          await drain(plain, real);
          await checkLedger(plain, real);
          expect([...plain.requests.values()].filter((request) => !plain.isFinished(request))).toEqual([]);
          await checkNothingLeft(real);
        } finally {
          await removeKeysOf(redis, real.prefix);
        }
      }),
      {
        numRuns: Number(LEDGER_MODEL_RUNS ?? fullLengthOr(500, 30)),
        ...(LEDGER_MODEL_SEED === undefined ? {} : { seed: Number(LEDGER_MODEL_SEED) }),
      },
    );
  });

  it('keeps a request with a dead letter, though another one was put aside before a late success told better', async () => {
    const real = new RealLedger(redis, freshPrefix());
    const requestId = 'req-late';
    const attempt = { at: 1, worker: 'w', code: 'InternalError', message: 'no' };
    const bury = (ref: string): LedgerMove => {
      const letter = { requestId, jobId: ref, code: 'InternalError', message: 'no' };
      return { kind: 'bury', ref, mask: 'd', attempt, letterId: `${ref}.letter`, letter };
    };
    const place = { region, invocationId: 'inv-00000001' };
    try {
      const facts = { confirm: '1', priority: 'normal' };
      const jobs = [{ ...place, instanceIds: ['ins-a0000001'] }];
      await real.ledger.accept({ requestId, fingerprint: '1', priority: 'normal', facts, jobs });
      await real.queueJobs();
      const [job] = real.queue.values();
      if (job === undefined) throw new Error('a job was to be in the queue');
      const first = await real.claim(job);
      if (first === undefined) throw new Error('a call was to have something');
      await real.expire(first);
      await real.ledger.releaseOverdue(10);
      const second = await real.claim(job);
      if (second === undefined) throw new Error('a second call was to have something');
      const [{ ref } = { ref: '' }] = second.jobs;
      await real.report(second, [bury(ref)], true);
      await real.operator.discard((await real.operator.letters()).map(({ id }) => id));
      const accepted = {
        kind: 'accept',
        ref,
        mask: 'a',
        cloudRequestId: 'r',
        confirm: true,
        firstLookMs: 0,
      } as const;
      await real.report(first, [accepted], true);
      expect((await real.statuses.read(requestId))?.counts).toMatchObject({
        accepted: 1,
        'dead-lettered': 0,
      });
      // Retention keeps a request of which more is dead than was put aside.
      expect(await real.redis.hget(real.keys.request(requestId), 'discarded')).toBe('0');
    } finally {
      await removeKeysOf(redis, real.prefix);
    }
  });
});
