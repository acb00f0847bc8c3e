import { describe, expect } from 'vitest';
import { CancelProducer } from '../../src/producer/index.js';
import { ledgerFormat } from '../../src/shared/ledger/index.js';
import { redisKeys } from '../../src/shared/redis-keys.js';
import { CliSession } from '../support/cli-session.js';
import { it } from '../support/installed-test.js';
import { loadLedgerFixture, readLedgerFixture } from './ledger-fixture.js';

describe.concurrent('the format of the ledger', () => {
  it('is written by whoever takes over what 0.1.0 left, which told none', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const { redis, prefix, redisUrl } = installation;
    const { format } = redisKeys(prefix);
    await redis.del(format);
    await loadLedgerFixture(readLedgerFixture('0.1.0'), installation);
    const producer = await CancelProducer.connect({ redisUrl, queuePrefix: prefix });
    await producer.close();
    expect(await redis.hgetall(format)).toEqual({
      format: String(ledgerFormat),
      oldest: String(ledgerFormat),
    });
  });

  it('of a newer version that this one may work on is left as it is', async ({ install }) => {
    const { redis, prefix, redisUrl } = await install({ workers: 0 });
    const newer = { format: String(ledgerFormat + 1), oldest: String(ledgerFormat) };
    await redis.hset(redisKeys(prefix).format, newer);
    await (await CancelProducer.connect({ redisUrl, queuePrefix: prefix })).close();
    expect(await redis.hgetall(redisKeys(prefix).format)).toEqual(newer);
  });

  it('of a newer version that this one must not work on is refused in one message, and nothing is touched', async ({
    install,
  }) => {
    const { redis, prefix, redisUrl } = await install({ workers: 0 });
    const newer = { format: String(ledgerFormat + 2), oldest: String(ledgerFormat + 1) };
    await redis.hset(redisKeys(prefix).format, newer);
    const before = await redis.keys(`${prefix}*`);
    await expect(CancelProducer.connect({ redisUrl, queuePrefix: prefix })).rejects.toMatchObject({
      code: 'REDIS_UNFIT',
      message: expect.stringMatching(/has format 4, .*format 3 or newer.*this version has 2\. Install/),
    });
    for (const args of [['requests'], ['worker']]) {
      const run = await new CliSession(prefix).run(args, {
        environment: {
          TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR',
          TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key',
        },
      });
      expect([run.exitCode, run.stderr], args.join(' ')).toEqual([
        3,
        expect.stringContaining('has format 4'),
      ]);
    }
    expect((await redis.keys(`${prefix}*`)).sort()).toEqual(before.sort());
    expect(await redis.hgetall(redisKeys(prefix).format)).toEqual(newer);
  });
});
