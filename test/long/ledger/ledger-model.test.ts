import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { fullLengthOr } from '../../support/full-length.js';
import { checkLedger, checkNothingLeft } from '../../support/ledger-model/check-ledger.js';
import { drain, ledgerCommands } from '../../support/ledger-model/ledger-commands.js';
import { PlainLedger } from '../../support/ledger-model/plain-ledger.js';
import { RealLedger } from '../../support/ledger-model/real-ledger.js';
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
});
