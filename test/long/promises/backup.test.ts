import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished } from 'vitest';
import { CancelProducer } from '../../../src/producer/index.js';
import { readBlocks } from '../../docs/doc-blocks.js';
import type { Installation } from '../../support/installation.js';
import { it } from '../../support/installed-test.js';
import { PrivateRedis } from '../../support/private-redis.js';
import { addTargets } from '../../support/request-truth.js';
import { createTestWorker } from '../../support/test-worker.js';

const run = promisify(execFile);
const [backUp = '', restore = '', follow = '', cutOff = ''] = readBlocks('docs/backup.md').map(
  ({ text }) => text,
);

describe('docs/backup.md', { timeout: 150_000 }, () => {
  it('restores what a back-up beside work holds, and all of it is finished', async ({ install }) => {
    const old = await startRedis();
    const installation = await install({ redisUrl: old.url });
    const { producer } = installation;
    const requestIds = await enqueueSome(installation, 6);
    const backup = join(temporaryDirectory(), 'backup');
    await sh(backUp, { REDIS_URL: old.url, REDIS_DIR: await directoryOf(old), BACKUP: backup });
    await Promise.all(requestIds.map((requestId) => producer.waitUntilFinished(requestId)));

    const other = await startRedis();
    const directory = await directoryOf(other);
    await other.kill('SIGTERM');
    await sh(restore, { REDIS_DIR: directory, BACKUP: backup });
    await other.restart();
    await expectAllFinished(installation, other, requestIds);
  });

  it('moves to another Redis with what waits, and loses nothing', async ({ install }) => {
    const old = await startRedis();
    const installation = await install({ redisUrl: old.url, workers: 0 });
    const requestIds = await enqueueSome(installation, 6);
    await installation.producer.pause({ reason: 'another Redis' });
    const other = await startRedis();
    const environment = {
      REDIS_URL: old.url,
      NEW_REDIS_URL: other.url,
      OLD_HOST: '127.0.0.1',
      OLD_PORT: String(old.port),
    };
    await sh(follow, environment);
    await sh(cutOff, environment).catch(() => {}); // redis-cli minds that the server it ends is gone
    const moved = await connect(installation, other);
    expect((await moved.status(requestIds[0] ?? ''))?.paused).toBe(true);
    await moved.resume();
    await expectAllFinished(installation, other, requestIds);
    await old.restart(); // for what the test closes at its end
  });
});

async function enqueueSome(installation: Installation, count: number): Promise<string[]> {
  const targets = addTargets(installation, count, 40);
  const enqueued = await Promise.all(
    targets.map((target) => installation.producer.enqueue({ targets: [target] })),
  );
  return enqueued.map(({ requestId }) => requestId);
}

/** Starts a worker on this Redis and holds what it made of the requests against the simulator. */
async function expectAllFinished(
  installation: Installation,
  redis: PrivateRedis,
  requestIds: readonly string[],
): Promise<void> {
  const { prefix, simulator } = installation;
  const producer = await connect(installation, redis);
  const worker = createTestWorker(
    { redisUrl: redis.url, prefix, simulatorUrl: simulator.url },
    { callsPerSecond: 1_000, timings: { reconcileEveryMs: 200 } },
  );
  worker.start();
  onTestFinished(() => worker.close(0));
  for (const requestId of requestIds) {
    const { state, total, counts } = await producer.waitUntilFinished(requestId);
    const stopped = counts.terminated + counts.cancelled + counts['already-finished'];
    expect({ state, total, stopped }).toEqual({ state: 'finished', total: stopped, stopped });
    expect(total).toBeGreaterThan(0);
  }
  expect(simulator.world.countByStatus().RUNNING ?? 0).toBe(0);
}

async function connect({ prefix }: Installation, redis: PrivateRedis): Promise<CancelProducer> {
  const producer = await CancelProducer.connect({ redisUrl: redis.url, queuePrefix: prefix });
  onTestFinished(() => producer.close());
  return producer;
}

async function startRedis(): Promise<PrivateRedis> {
  const redis = await PrivateRedis.start({ directives: [['maxmemory-policy', 'noeviction']] });
  onTestFinished(() => redis.stop());
  return redis;
}

async function directoryOf(redis: PrivateRedis): Promise<string> {
  const client = new Redis(redis.url);
  const [, directory = ''] = (await client.config('GET', 'dir')) as string[];
  client.disconnect();
  return directory;
}

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tat-cancel-backup-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function sh(script: string, environment: Readonly<Record<string, string>>): Promise<void> {
  expect(script).not.toBe('');
  await run('bash', ['-euc', script], { env: { PATH: process.env.PATH, ...environment } });
}
