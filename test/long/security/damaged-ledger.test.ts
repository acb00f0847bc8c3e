import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { redisKeys } from '../../../src/shared/redis-keys.js';
import { FuzzSource } from '../../security/support/fuzz-source.js';
import { damageKey } from '../../security/support/hand-damage.js';
import { CapturedLog } from '../../support/captured-log.js';
import { CliSession } from '../../support/cli-session.js';
import { fullLengthOr } from '../../support/full-length.js';
import { type Installation, startInstallation } from '../../support/installation.js';
import { everyAddress, pathOf, ServerScene, secrets } from '../../support/server-scene.js';
import { waitUntil } from '../../support/wait-until.js';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 60_000 });

const rounds = fullLengthOr(30, 2);
const damagedPerRound = 12;

let installation: Installation;
let log: CapturedLog;
beforeAll(async () => {
  log = new CapturedLog('info');
  installation = await startInstallation({
    workers: 0,
    simulator: { callsPerSecond: 0 },
    worker: {
      callsPerSecond: 1_000,
      logger: log.logger,
      timings: { reconcileEveryMs: 100, leaseMarginMs: 500, lockMs: 2_000, stalledEveryMs: 500 },
    },
  });
});
afterAll(() => installation.close());

async function enqueue(): Promise<{ requestId: string; instanceId: string }> {
  const { simulator, producer } = installation;
  const { invocationId, instanceIds } = simulator.addInvocation({ instances: 3 });
  const { requestId } = await producer.enqueue({
    targets: [{ invocationId, instanceIds: [...instanceIds] }],
  });
  return { requestId, instanceId: instanceIds[0] ?? '' };
}

/** What people look at, by every way there is. Each must come to an end and say what is wrong, if it is. */
async function lookEverywhere(ids: readonly string[], scene: ServerScene, what: string): Promise<void> {
  const session = new CliSession(installation.prefix);
  const commands = [
    ['requests'],
    ['requests', '--json'],
    ['queues'],
    ['dead-letters', 'list'],
    ['dead-letters', 'list', '--group'],
    ['dead-letters', 'export', '--format', 'csv'],
    ...ids.slice(0, fullLengthOr(4, 2)).flatMap((id) => [
      ['status', id],
      ['status', id, '--json'],
      ['instances', id],
    ]),
  ];
  for (const args of commands) {
    const { exitCode, stderr } = await session.run(args);
    expect([what, args, exitCode, stderr]).toEqual([
      what,
      args,
      expect.toSatisfy((code) => [0, 2, 3].includes(code)),
      expect.not.stringMatching(/unexpected:|cannot be reached/),
    ]);
  }
  const addresses = everyAddress(scene).filter(
    ({ method, route }) => method === 'GET' && !route.endsWith('/events'),
  );
  const ofRequests = ids
    .slice(0, fullLengthOr(4, 2))
    .flatMap((id) => [
      `/v1/cancel-requests/${id}`,
      `/v1/cancel-requests/${id}/instances`,
      `/queues/api/queues/tat-cancel/${id}.0`,
    ]);
  for (const path of [...addresses.map(({ route }) => pathOf(route)), ...ofRequests]) {
    const { status, body, text } = await scene.call('GET', path, { token: secrets.operate });
    if (status < 500) continue;
    expect([what, path, status, body?.code ?? text]).toEqual([
      what,
      path,
      status,
      expect.stringMatching(/^(?:DATA_DAMAGED|REDIS_REFUSED)$/),
    ]);
  }
}

describe('a ledger that somebody has changed by hand', () => {
  it('stops neither workers nor views, and keeps healthy requests from nothing', async () => {
    const fuzz = new FuzzSource('damaged ledger');
    const { prefix, redis, producer } = installation;
    const keys = redisKeys(prefix);
    const scene = await ServerScene.start({ prefix });
    for (let round = 0; round < rounds; round += 1) {
      const damaged = await Promise.all(Array.from({ length: damagedPerRound }, enqueue));
      const healthy = await Promise.all(Array.from({ length: 3 }, enqueue));
      const done: string[] = [];
      for (const { requestId } of damaged) done.push(await damageKey(redis, keys.request(requestId), fuzz));
      const worker = installation.startWorker();
      await waitUntil(
        `healthy requests end in spite of ${done.join('\n')}`,
        async () => {
          const states = await Promise.all(healthy.map(({ requestId }) => producer.status(requestId)));
          return states.every((status) => status?.state === 'finished');
        },
        30_000,
      );
      const ids = damaged.map(({ requestId }) => requestId);
      await lookEverywhere(ids, scene, done.join('\n'));
      await worker.close(0);
    }
    await scene.close();
  });

  it('does so in its counters, outboxes and notes, too', async () => {
    const fuzz = new FuzzSource('damaged notes');
    const { prefix, redis, producer } = installation;
    const keys = redisKeys(prefix);
    const scene = await ServerScene.start({ prefix });
    for (let round = 0; round < rounds; round += 1) {
      const text = () => (fuzz.number(2) === 0 ? fuzz.text() : JSON.stringify(fuzz.value()));
      await redis
        .multi()
        .hset(keys.workers, text(), text())
        .set(keys.paused, text())
        .hset(keys.calls, String(fuzz.number(720)), text())
        .hset(keys.deadLetterOutbox, `req-${round}.0.${fuzz.number(1e6)}`, text(), text(), text())
        .hset(keys.webhookOutbox, text(), text())
        .hset(keys.handledLetters, text(), text())
        .hset(keys.totals, 'jobs:7', text())
        .zadd(keys.readBackDue, 0, text())
        .zadd(keys.flightDeadlines, 0, text())
        .hset(keys.flights, text(), text())
        .zadd(keys.unqueued, 0, text())
        .zadd(keys.open, 0, text())
        .zadd(keys.settled, 0, text())
        .zadd(keys.requests, -1 - round, text())
        .xadd(keys.audit, '*', text(), text())
        .exec();
      const worker = installation.startWorker();
      const { requestId } = await enqueue();
      await waitUntil(
        'a healthy request ends',
        async () => (await producer.status(requestId))?.state === 'finished',
        30_000,
      );
      await lookEverywhere([requestId], scene, `round ${round}`);
      await worker.close(0);
    }
    await scene.close();
  });

  it('is found by the doctor, who names what is damaged', async () => {
    const patient = await startInstallation({ workers: 0 });
    const { redis, producer, prefix } = patient;
    const { requestId } = await producer.enqueue({ targets: [{ invocationId: 'inv-00000001' }] });
    const examine = async () => {
      const { document } = await new CliSession(prefix).runJson<{
        checks: { name: string; level: string; what: string }[];
      }>(['doctor'], { environment: { TAT_ENDPOINT: 'http://127.0.0.1:1' } });
      return document.checks.find(({ name }) => name === 'ledger');
    };
    expect(await examine()).toMatchObject({ level: 'ok' });
    await redis.hset(redisKeys(prefix).request(requestId), 'acceptedAt', 'yesterday');
    expect(await examine()).toMatchObject({
      level: 'fault',
      what: expect.stringContaining(`${requestId}: acceptedAt`),
    });
    const { stdout } = await new CliSession(prefix).run(['status', requestId]);
    expect(stdout).toMatch(/^Damaged +what Redis holds of acceptedAt cannot be read$/m);
    await redis.del(redisKeys(prefix).flights);
    await redis.set(redisKeys(prefix).flights, 'by hand');
    expect(await examine()).toMatchObject({
      level: 'fault',
      what: expect.stringContaining('ledger:flights'),
    });
    await patient.close();
  });

  it('holds calls while the note says so, however unreadable, until the cloud is asked', async () => {
    const { prefix, redis, producer } = installation;
    await redis.set(redisKeys(prefix).held, 'by hand');
    const session = new CliSession(prefix);
    expect((await session.run(['queues'])).stdout).toContain('Unreadable');
    const worker = installation.startWorker();
    const { requestId } = await enqueue();
    await waitUntil(
      'the request ends',
      async () => (await producer.status(requestId))?.state === 'finished',
      30_000,
    );
    expect(await redis.exists(redisKeys(prefix).held)).toBe(0);
    await worker.close(0);
  });
});
