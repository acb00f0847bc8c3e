import { setMaxListeners } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { PoolLedger } from '../../../src/shared/ledger/index.js';
import { poolJobIdOf } from '../../../src/shared/pool-job.js';
import { planLimiter } from '../../../src/shared/rate-limiter/limiter-plan.js';
import { redisKeys } from '../../../src/shared/redis-keys.js';
import { WorkerRoster } from '../../../src/shared/worker-roster.js';
import { CliSession } from '../../support/cli-session.js';
import { DoctorPatient } from '../../support/doctor-scene.js';
import { freePort } from '../../support/free-port.js';
import { untilDeadLetters, untilFinished } from '../../support/outcomes.js';
import { ancientVersion, openVersion } from '../../support/redis-proxy.js';
import { addTargets } from '../../support/request-truth.js';
import { HandClock } from '../../support/simulator-clock.js';
import { waitUntil } from '../../support/wait-until.js';

setMaxListeners(50);

let patient: DoctorPatient;

afterEach(async () => {
  await patient.stop();
});

async function enqueue(priority: 'normal' | 'urgent' = 'normal') {
  const targets = addTargets(patient.installation, 1, 3);
  return await patient.installation.producer.enqueue({ targets, priority });
}

/** The job of the only invocation with work. */
async function queuedJobId(): Promise<string> {
  const { redis, prefix } = patient.installation;
  const { jobs } = await new PoolLedger(redis, prefix).queued('0', 10);
  return jobs.map(poolJobIdOf).join(' ');
}

describe('tat-cancel doctor in a healthy installation', { timeout: 60_000 }, () => {
  it('finds nothing to warn of, at rest and after work', async () => {
    patient = await DoctorPatient.start({ workers: 1 });
    await untilFinished(patient.installation, (await enqueue()).requestId);
    const report = await patient.examine();
    expect(report.checks.filter(({ level }) => level !== 'ok')).toEqual([]);
    expect([report.exitCode, report.healthy]).toEqual([0, true]);
    expect(report.of('call limiter').what).toContain('at most 20 calls in any second');
  });

  it('finds nothing to warn of while a backlog is carried out', async () => {
    patient = await DoctorPatient.start({ workers: 2 });
    const targets = addTargets(patient.installation, 300, 2);
    await patient.installation.producer.enqueue({ targets, confirm: false });
    await patient.installation.simulator.record.waitForCalls(20, 'CancelInvocation');
    const report = await patient.examine();
    expect(report.checks.filter(({ level }) => level !== 'ok')).toEqual([]);
  });

  it('tells people the same, line by line', async () => {
    patient = await DoctorPatient.start({ workers: 1 });
    const { exitCode, stdout } = await new CliSession().run(['doctor'], { environment: patient.environment });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^OK {7}redis eviction +noeviction/m);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('Healthy.');
    expect(stdout).not.toContain('simulator-secret-key');
  });
});

describe('tat-cancel doctor looking at Redis', { timeout: 60_000 }, () => {
  it('ends with 3 when Redis is away, and looks at the cloud all the same', async () => {
    patient = await DoctorPatient.start();
    const REDIS_URL = `redis://:hunter2@127.0.0.1:${await freePort()}`;
    const report = await patient.examine({ REDIS_URL });
    expect([report.exitCode, report.healthy]).toEqual([3, false]);
    expect(report.of('redis')).toMatchObject({
      level: 'fault',
      what: expect.stringContaining('ECONNREFUSED'),
    });
    expect(report.of('work').level).toBe('skipped');
    expect(report.of('credentials at the cloud').level).toBe('ok');
    expect(JSON.stringify(report)).not.toContain('hunter2');
  });

  it.each([
    ['a policy that evicts', ['maxmemory-policy', 'allkeys-lru'], 'redis eviction', 'fault', 'allkeys-lru'],
    ['no persistence', ['appendonly', 'no'], 'redis persistence', 'fault', 'persists nothing'],
    ['late writing', ['appendfsync', 'everysec'], 'redis persistence', 'warning', 'everysec'],
  ])('finds %s', async (_what, setting, name, level, told) => {
    patient = await DoctorPatient.start({ workers: 0 });
    await patient.installation.redis.config('SET', setting[0]!, setting[1]!);
    const verdict = (await patient.examine()).of(name);
    expect(verdict).toMatchObject({ level, what: expect.stringContaining(told), advice: expect.any(String) });
  });

  it('finds snapshots without an append-only file', async () => {
    patient = await DoctorPatient.start();
    const { redis } = patient.installation;
    await redis.config('SET', 'save', '3600 1');
    await redis.config('SET', 'appendonly', 'no');
    expect((await patient.examine()).of('redis persistence')).toMatchObject({ level: 'warning' });
  });

  it('finds memory that is nearly full', async () => {
    patient = await DoctorPatient.start();
    const { redis } = patient.installation;
    const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
    await redis.config('SET', 'maxmemory', String(Math.round(used / 0.88)));
    expect((await patient.examine()).of('redis memory').level).toBe('warning');
    await redis.config('SET', 'maxmemory', String(Math.round(used * 1.02)));
    const report = await patient.examine();
    expect(report.of('redis memory')).toMatchObject({
      level: 'fault',
      what: expect.stringContaining('full'),
    });
    expect(report.exitCode).toBe(1);
  });

  it('finds versions with a known hole, and those that are too old', async () => {
    patient = await DoctorPatient.start();
    patient.proxy.version = openVersion;
    expect((await patient.examine()).of('redis version')).toMatchObject({
      level: 'warning',
      what: expect.stringContaining('CVE-2025-49844'),
      advice: expect.stringContaining('7.4.6'),
    });
    patient.proxy.version = ancientVersion;
    expect((await patient.examine()).of('redis version').level).toBe('fault');
  });

  it('finds a Redis that is slow', async () => {
    patient = await DoctorPatient.start();
    patient.proxy.delayMs = 25;
    expect((await patient.examine()).of('redis latency').level).toBe('warning');
  });

  it('finds a replica where the master should be', async () => {
    patient = await DoctorPatient.start();
    await patient.installation.redis.call('REPLICAOF', '127.0.0.1', String(await freePort()));
    expect((await patient.examine()).of('redis topology')).toMatchObject({ level: 'fault' });
    await patient.installation.redis.call('REPLICAOF', 'NO', 'ONE');
  });
});

describe('tat-cancel doctor looking at the queue', { timeout: 60_000 }, () => {
  it('finds work without a worker', async () => {
    patient = await DoctorPatient.start();
    await enqueue();
    const report = await patient.examine();
    expect(report.exitCode).toBe(1);
    expect(report.of('work')).toMatchObject({ level: 'fault', advice: 'Start one: tat-cancel worker' });
    expect(report.checks.filter(({ level }) => level === 'fault')).toHaveLength(1);
  });

  it('warns when there is neither work nor a worker', async () => {
    patient = await DoctorPatient.start();
    const report = await patient.examine();
    expect(report.of('work').level).toBe('warning');
    expect(report.exitCode).toBe(0);
  });

  it.each([
    ['a failed job', 'failed jobs', () => plant('failed', 'zset', Date.now())],
    [
      'an overdue delayed job',
      'delayed jobs',
      () => plant('delayed', 'zset', (Date.now() - 120_000) * 0x1000),
    ],
    ['an active job without lock', 'active jobs', () => plant('active', 'list', 0)],
  ])('finds %s', async (_what, name, plantFault) => {
    patient = await DoctorPatient.start();
    await plantFault();
    const verdict = (await patient.examine()).of(name);
    expect(verdict).toMatchObject({ level: 'fault', what: expect.stringContaining('req-planted.0') });
  });

  it('finds a lock that was left behind', async () => {
    patient = await DoctorPatient.start();
    await patient.installation.redis.set(patient.queueKey('req-gone.7:lock'), 'a token');
    expect((await patient.examine()).of('locks')).toMatchObject({
      level: 'warning',
      what: expect.stringContaining('req-gone.7'),
    });
  });

  it('finds a job whose content is gone', async () => {
    patient = await DoctorPatient.start();
    await enqueue();
    const jobId = await queuedJobId();
    await patient.installation.redis.del(patient.queueKey(jobId));
    expect((await patient.examine()).of('job contents')).toMatchObject({
      level: 'fault',
      what: expect.stringContaining(jobId),
    });
  });

  it('finds an invocation whose job is missing', async () => {
    patient = await DoctorPatient.start();
    await enqueue('urgent');
    const jobId = await queuedJobId();
    await patient.installation.redis.zrem(patient.queueKey('prioritized'), jobId);
    expect((await patient.examine()).of('requests')).toMatchObject({
      level: 'fault',
      what: expect.stringContaining(jobId),
    });
  });

  it('finds a request that its producer did not put into the queue', async () => {
    patient = await DoctorPatient.start();
    const { requestId } = await enqueue();
    const { redis, prefix } = patient.installation;
    await redis.zadd(redisKeys(prefix).unqueued, Date.now() - 60_000, requestId);
    expect((await patient.examine()).of('requests')).toMatchObject({
      level: 'fault',
      what: expect.stringContaining('accepted but not in the queue'),
    });
  });

  it('finds calls without news', async () => {
    patient = await DoctorPatient.start();
    const { redis, prefix } = patient.installation;
    await redis.zadd(redisKeys(prefix).flightDeadlines, Date.now() - 60_000, 'call-1');
    expect((await patient.examine()).of('calls').level).toBe('fault');
  });

  it('finds dead letters, a pause, and a hold with its reason', async () => {
    patient = await DoctorPatient.start({ workers: 1 });
    const { producer, simulator } = patient.installation;
    await producer.enqueue({ targets: [{ invocationId: 'inv-0000dead', instanceIds: ['ins-00000001'] }] });
    await untilDeadLetters(patient.installation, 1);
    await producer.pause({ by: 'ops' });
    const paused = await patient.examine();
    expect(paused.of('dead letters').level).toBe('warning');
    expect(paused.of('work')).toMatchObject({
      level: 'warning',
      what: expect.stringContaining('Paused by ops'),
    });
    await producer.resume();
    simulator.credentials.disable('AKIDSIMULATOR');
    const { requestId } = await enqueue();
    await waitUntil('held', async () => (await producer.status(requestId))?.held != null);
    const held = await patient.examine();
    expect(held.of('work')).toMatchObject({
      level: 'fault',
      what: expect.stringMatching(/^Held for .*AuthFailure/),
    });
    expect(held.exitCode).toBe(1);
  });
});

describe('tat-cancel doctor looking at the call limiter', { timeout: 60_000 }, () => {
  it.each([
    ['is no hash', async (key: string) => void (await patient.installation.redis.set(key, 'nonsense'))],
    [
      'holds nonsense',
      async (key: string) =>
        void (await patient.installation.redis.hset(key, {
          version: '2.19.5',
          minTime: 52,
          running: 0,
          nextRequest: 'x',
        })),
    ],
  ])('finds state that %s', async (_what, plantState) => {
    patient = await DoctorPatient.start();
    const { prefix, simulator } = patient.installation;
    const bucket = `CancelInvocation ${new URL(simulator.url).host}`;
    await plantState(planLimiter(prefix, bucket, 20).settingsKey);
    expect((await patient.examine()).of('call limiter')).toMatchObject({
      level: 'fault',
      advice: expect.stringContaining('redis-cli DEL'),
    });
  });

  it('finds a limit that differs from the workers’', async () => {
    patient = await DoctorPatient.start({ workers: 1 });
    await untilFinished(patient.installation, (await enqueue()).requestId);
    expect((await patient.examine({ CALLS_PER_SECOND: '10' })).of('call limiter').level).toBe('warning');
  });
});

describe('tat-cancel doctor looking at the settings of workers', { timeout: 60_000 }, () => {
  async function examineTwo(one: object, other: object) {
    patient = await DoctorPatient.start();
    const { installation } = patient;
    const roster = new WorkerRoster(installation.redis, installation.prefix);
    for (const changes of [one, other]) installation.startWorker(changes);
    await waitUntil('both report', async () => (await roster.alive()).length === 2);
    return (await patient.examine()).of('worker settings');
  }

  it('names those whose limits differ', async () => {
    expect(await examineTwo({ callsPerSecond: 10 }, { callsPerSecond: 20 })).toMatchObject({
      level: 'warning',
      what: expect.stringMatching(
        /different limits: (10|20) \(test-worker-[01]\); (10|20) \(test-worker-[01]\)/,
      ),
      advice: expect.stringContaining('CALLS_PER_SECOND'),
    });
  });

  it('names those whose endpoints differ', async () => {
    const verdict = await examineTwo(
      { endpoint: 'https://tat.example' },
      { endpoint: 'https://tat.intl.example' },
    );
    expect(verdict).toMatchObject({
      level: 'warning',
      what: expect.stringContaining('https://tat.example (test-worker-0)'),
      advice: expect.stringContaining('TAT_ENDPOINT'),
    });
    expect(verdict.what).toContain('https://tat.intl.example (test-worker-1)');
  });

  it('finds an endpoint that is not the one of all workers', async () => {
    expect(
      await examineTwo({ endpoint: 'https://tat.example' }, { endpoint: 'https://tat.example' }),
    ).toMatchObject({ level: 'warning', what: expect.stringContaining('workers call https://tat.example') });
  });
});

describe('tat-cancel doctor looking at the cloud', { timeout: 60_000 }, () => {
  it('finds that there are no credentials', async () => {
    patient = await DoctorPatient.start();
    const report = await patient.examine({
      TENCENTCLOUD_SECRET_ID: undefined,
      TENCENTCLOUD_SECRET_KEY: undefined,
      TENCENTCLOUD_CREDENTIALS_FILE: '/nonexistent/credentials',
    });
    expect(report.of('credentials')).toMatchObject({
      level: 'fault',
      what: expect.stringContaining('No credentials'),
    });
    expect(report.of('credentials at the cloud').level).toBe('skipped');
  });

  it('finds a wrong key, and shows nothing of it', async () => {
    patient = await DoctorPatient.start();
    const report = await patient.examine({ TENCENTCLOUD_SECRET_KEY: 'not-the-simulators-key' });
    expect(report.of('credentials at the cloud')).toMatchObject({
      level: 'fault',
      what: expect.stringContaining('AuthFailure.'),
    });
    expect(JSON.stringify(report)).not.toContain('not-the-simulators-key');
  });

  it('finds a region that the cloud does not know', async () => {
    patient = await DoctorPatient.start();
    const report = await patient.examine({ TENCENTCLOUD_REGION: 'ap-atlantis' });
    expect(report.of('region')).toMatchObject({
      level: 'fault',
      what: expect.stringContaining('ap-atlantis'),
    });
    expect(report.of('credentials at the cloud').level).toBe('ok');
  });

  it('finds an endpoint that nobody answers at', async () => {
    patient = await DoctorPatient.start();
    const report = await patient.examine({ TAT_ENDPOINT: `http://127.0.0.1:${await freePort()}` });
    expect(report.of('endpoint')).toMatchObject({
      level: 'fault',
      what: expect.stringContaining('cannot be reached'),
    });
    expect(report.of('region').level).toBe('skipped');
    expect(report.exitCode).toBe(1);
  });

  it.each([-600_000, 600_000])('finds a clock that is off by %d ms', async (offMs) => {
    patient = await DoctorPatient.start({ simulator: { gatewayClock: new HandClock(Date.now() + offMs) } });
    const report = await patient.examine();
    expect(report.of('clock')).toMatchObject({
      level: 'fault',
      what: expect.stringMatching(offMs > 0 ? /\d{3} s behind the cloud's/ : /\d{3} s ahead of the cloud's/),
    });
    expect(report.of('credentials at the cloud').what).toContain('SignatureExpire');
  });
});

/** A job that BullMQ knows and that is in a state where nothing would take it up. */
async function plant(state: string, type: 'zset' | 'list', score: number) {
  const { redis } = patient.installation;
  await redis.hset(patient.queueKey('req-planted.0'), { name: 'cancel', data: '{}', opts: '{}' });
  if (type === 'zset') await redis.zadd(patient.queueKey(state), score, 'req-planted.0');
  else await redis.rpush(patient.queueKey(state), 'req-planted.0');
}
