import { describe, expect, vi } from 'vitest';
import { cancelQueueName } from '../../src/shared/queue-names.js';
import { webhookQueueName } from '../../src/shared/webhook.js';
import { CapturedLog } from '../support/captured-log.js';
import { fullLengthOr } from '../support/full-length.js';
import type { Installation } from '../support/installation.js';
import { it } from '../support/installed-test.js';
import { waitUntil } from '../support/wait-until.js';
import { FuzzSource, fuzzBytes } from './support/fuzz-source.js';

vi.setConfig({ testTimeout: 600_000 });

const timings = { reconcileEveryMs: 100, lockMs: 1_000, stalledEveryMs: 300 };

/** Whatever a job's hash may hold. */
const fields = [
  'data',
  'opts',
  'name',
  'timestamp',
  'delay',
  'priority',
  'progress',
  'parent',
  'stacktrace',
  'returnvalue',
  'atm',
  'ats',
  'stc',
  'failedReason',
  'processedOn',
  'finishedOn',
  'rjk',
  'deid',
  'parentKey',
  'pb',
  'defa',
];

async function enqueue({ simulator, producer }: Installation): Promise<string> {
  const { invocationId, instanceIds } = simulator.addInvocation({ instances: 2 });
  const targets = [{ invocationId, instanceIds: [...instanceIds] }];
  return (await producer.enqueue({ targets, confirm: false })).requestId;
}

function text(fuzz: FuzzSource): string {
  return fuzz.number(2) === 0 ? fuzz.text(300) : JSON.stringify(fuzz.value());
}

/** Puts a job where BullMQ takes it up, in one of the ways it knows. */
async function putIn({ redis, prefix }: Installation, id: string, fuzz: FuzzSource): Promise<void> {
  const queue = `${prefix}:${cancelQueueName}`;
  switch (fuzz.number(4)) {
    case 0:
      await redis.lpush(`${queue}:wait`, id);
      break;
    case 1:
      await redis.zadd(`${queue}:prioritized`, fuzz.number(1e6), id);
      break;
    case 2:
      await redis.zadd(`${queue}:delayed`, fuzz.number(1e6), id);
      break;
    default:
      await redis.lpush(`${queue}:active`, id);
  }
}

async function untilAllSettled(
  { producer }: Installation,
  ids: readonly string[],
  what: string,
): Promise<void> {
  let left = ids;
  const ended = waitUntil(
    what,
    async () => {
      const states = await Promise.all(left.map((id) => producer.status(id)));
      left = left.filter((_id, index) => states[index]?.state !== 'finished');
      return left.length === 0;
    },
    60_000,
  );
  await ended.catch((error: Error) => {
    throw new Error(`${left.join(' ')} left: ${error.message}`);
  });
}

describe('jobs that were written into Redis by hand', () => {
  it('stop no worker: healthy ones are carried out', async ({ install }) => {
    const fuzz = new FuzzSource('jobs');
    const log = new CapturedLog('info');
    const installation = await install({ workers: 0, worker: { timings, logger: log.logger } });
    const { redis, prefix } = installation;
    const queue = `${prefix}:${cancelQueueName}`;
    installation.startWorker();
    for (let sent = 0; sent < fuzzBytes; ) {
      const healthy: string[] = [];
      const made: string[] = [];
      for (let jobs = 0; jobs < 20; jobs += 1) {
        const id = fuzz.pick([
          text(fuzz),
          `req-${fuzz.number(100)}.${fuzz.number(5)}`,
          String(fuzz.number(50)),
        ]);
        const values = Object.fromEntries(
          fields.filter(() => fuzz.number(3) > 0).map((field) => [field, text(fuzz)]),
        );
        sent += JSON.stringify(values).length;
        made.push(JSON.stringify([id, values]));
        if (Object.keys(values).length > 0 && !id.includes(':')) {
          const type = await redis.type(`${queue}:${id}`);
          if (type === 'none' || type === 'hash') await redis.hset(`${queue}:${id}`, values);
        }
        await putIn(installation, id, fuzz);
        if (jobs % 10 === 0) healthy.push(await enqueue(installation));
      }
      await untilAllSettled(installation, healthy, `healthy jobs are done beside ${made.join('\n')}`);
    }
    expect(log.text).not.toContain('the worker takes no jobs');
  });

  it('end as carried out or as dead letters when they are real ones that were changed', async ({
    install,
  }) => {
    const fuzz = new FuzzSource('changed jobs');
    const installation = await install({ workers: 0, worker: { timings } });
    const { redis, prefix } = installation;
    for (let round = 0; round < fullLengthOr(20, 2); round += 1) {
      const requests = await Promise.all(Array.from({ length: 25 }, () => enqueue(installation)));
      const changes: string[] = [];
      for (const requestId of requests) {
        const field = fuzz.pick(fields.filter((name) => name !== 'stc' && name !== 'defa'));
        const value = text(fuzz);
        await redis.hset(`${prefix}:${cancelQueueName}:${requestId}.0`, field, value);
        changes.push(`${requestId} ${field} = ${JSON.stringify(value)}`);
      }
      const worker = installation.startWorker();
      await untilAllSettled(installation, requests, `all end in spite of\n${changes.join('\n')}`);
      await worker.close(0);
    }
  });

  it('are passed over in the queue of notifications', async ({ install }) => {
    const fuzz = new FuzzSource('webhook jobs');
    const installation = await install({ worker: { timings } });
    const { redis, prefix } = installation;
    const queue = `${prefix}:${webhookQueueName}`;
    for (let jobs = 0; jobs < 50; jobs += 1) {
      const id = `job-${jobs}`;
      await redis.hset(`${queue}:${id}`, { name: 'webhook', data: text(fuzz), opts: '{}', timestamp: '1' });
      await redis.lpush(`${queue}:wait`, id);
    }
    await redis.zadd(`${queue}:marker`, 0, '0');
    await waitUntil('the queue is worked off', async () => (await redis.llen(`${queue}:wait`)) === 0);
    await untilAllSettled(installation, [await enqueue(installation)], 'a healthy job is done');
  });

  it('keep the worker from nothing when a key of the queue itself is of another kind', async ({
    install,
  }) => {
    const log = new CapturedLog('info');
    const installation = await install({ workers: 0, worker: { timings, logger: log.logger } });
    const { redis, prefix } = installation;
    const key = `${prefix}:${cancelQueueName}:prioritized`;
    await redis.set(key, 'by hand');
    installation.startWorker();
    await waitUntil('the trouble is told', () => log.text.includes('WRONGTYPE'));
    // So many lines a second would fill a disk; it is said once in a while.
    expect(log.lines.length).toBeLessThan(100);
    await redis.del(key);
    await untilAllSettled(installation, [await enqueue(installation)], 'work goes on once it is mended');
  });
});
