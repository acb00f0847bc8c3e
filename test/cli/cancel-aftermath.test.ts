import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CancelProducer } from '../../src/producer/index.js';
import { systemClock } from '../../src/shared/clock.js';
import { WorkerRoster } from '../../src/shared/worker-roster.js';
import { CliSession } from '../support/cli-session.js';
import { PrivateRedis } from '../support/private-redis.js';
import { connectToTestRedis } from '../support/test-prefix.js';

interface CancelDocument {
  readonly requestId: string;
  readonly requests: readonly { readonly requestId: string }[];
  readonly outcome?: null;
}

describe('tat-cancel cancel --watch --json that ends early', () => {
  it('tells the request that was enqueued when it is interrupted', async () => {
    const session = new CliSession();
    onTestFinished(() => session.close());
    const ending = new AbortController();
    const { exitCode, document, stderr } = await session.runJson<CancelDocument>(
      ['cancel', 'inv-00000001', '--watch'],
      {
        signal: ending.signal,
        onOutput: (_stream, text) => {
          if (text.includes('0 of 1 instance')) ending.abort();
        },
      },
    );
    expect(exitCode).toBe(130);
    expect(document).toMatchObject({ requests: [{ requestId: document.requestId }], outcome: null });
    expect(stderr).toContain(`Request ${document.requestId} goes on`);
  });

  it('tells it when Redis stays away', async () => {
    const redis = await PrivateRedis.start();
    onTestFinished(() => redis.stop());
    let skippedMs = 0;
    const { exitCode, document, stderr } = await new CliSession().runJson<CancelDocument>(
      ['cancel', 'inv-00000001', '--watch'],
      {
        environment: { REDIS_URL: redis.url },
        clock: {
          now: () => systemClock.now() + skippedMs,
          sleep: async (delayMs, signal) => {
            await redis.kill();
            skippedMs += 61_000;
            await systemClock.sleep(delayMs, signal);
          },
        },
      },
    );
    expect(exitCode).toBe(3);
    expect(document).toMatchObject({ requestId: expect.stringMatching(/^req-/), outcome: null });
    expect(stderr).toContain('Redis does not answer');
  });
});

describe('tat-cancel cancel behind other work', () => {
  const session = new CliSession();
  const redis = connectToTestRedis();

  beforeAll(async () => {
    const { REDIS_URL: redisUrl = '' } = session.environment;
    const producer = await CancelProducer.connect({ redisUrl, queuePrefix: session.prefix });
    const targets = Array.from({ length: 700 }, (_, at) => ({ invocationId: `inv-${10_000_000 + at}` }));
    await producer.enqueue({ targets, region: 'ap-tokyo' });
    await producer.close();
  });

  afterAll(async () => {
    redis.disconnect();
    await session.close();
  });

  async function report(callsPerSecond: number): Promise<void> {
    const now = Date.now();
    const rest = { at: now, startedAt: now, jobs: 0, refusals: 0 };
    await new WorkerRoster(redis, session.prefix).report({ name: 'worker-1', callsPerSecond, ...rest });
  }

  const cancel = async (...options: string[]) => await session.run(['cancel', 'inv-00000001', ...options]);

  it('says nothing of it while nobody works', async () => {
    expect((await cancel('--key', 'early')).stderr).toBe('');
  });

  it('says how much goes first, and what would change that', async () => {
    await report(20);
    expect((await cancel()).stderr).toBe(
      '701 instances are ahead of these, for up to 35.0 s; --priority urgent goes first.\n',
    );
  });

  it.each([
    ['a priority was chosen', ['--priority', 'normal']],
    ['the request was accepted before', ['--key', 'early']],
    ['nothing is enqueued', ['--dry-run']],
  ])('does not say so when %s', async (_when, options) => {
    await report(20);
    expect((await cancel(...options)).stderr).toBe('');
  });

  it('does not say so when that takes half a minute at most', async () => {
    await report(100);
    expect((await cancel()).stderr).toBe('');
  });
});
