import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CancelProducer } from '../../../src/producer/index.js';
import { createSimulator, type Simulator } from '../../../src/simulator/index.js';
import { findBuildProblem } from '../../support/built-dist.js';
import { CliProcess } from '../../support/cli-process.js';
import { freePort } from '../../support/free-port.js';
import { PrivateRedis } from '../../support/private-redis.js';
import { dumpKeysOf } from '../../support/redis-dump.js';
import { waitUntil } from '../../support/wait-until.js';
import { WebhookReceiver } from '../../support/webhook-receiver.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** Each in a place where a secret may be; none may turn up anywhere else. */
const planted = {
  secretId: 'AKIDplantedSecretIdOfThisTest',
  secretKey: 'planted-secret-key-of-this-test',
  sessionToken: 'planted-session-token-of-this-test',
  profileId: 'AKIDplantedProfileIdOfThisTest',
  profileKey: 'planted-profile-key-of-this-test',
  redisPassword: 'planted-redis-password-of-this-test',
  webhookSecret: 'planted-webhook-secret-of-this-test',
  webhookPreviousSecret: 'planted-previous-webhook-secret',
  sessionSecret: 'planted-cookie-secret-of-this-test-00',
  readerToken: 'planted-reader-token-of-this-test',
  operatorToken: 'planted-operator-token-of-this-test',
  wrongToken: 'planted-wrong-token-of-this-test',
};

const directory = mkdtempSync(join(tmpdir(), 'tat-cancel-secrets-'));
const processes: CliProcess[] = [];
/** Place to text. */
const seen = new Map<string, string>();
let redisServer: PrivateRedis;
let redis: Redis;
let simulator: Simulator;
let receiver: WebhookReceiver;
let environment: Record<string, string>;

beforeAll(async () => {
  expect(findBuildProblem()).toBeUndefined();
  redisServer = await PrivateRedis.start();
  redis = new Redis(redisServer.url);
  redis.on('error', () => {}); // the test takes Redis away
  await redis.config('SET', 'requirepass', planted.redisPassword);
  await redis.auth(planted.redisPassword);
  simulator = createSimulator({
    callsPerSecond: 0,
    defaultRegion: 'ap-singapore',
    credentials: [
      { secretId: planted.secretId, secretKey: planted.secretKey, token: planted.sessionToken },
      { secretId: planted.profileId, secretKey: planted.profileKey },
    ],
  });
  await simulator.start();
  receiver = await WebhookReceiver.start();
  writeFileSync(
    join(directory, 'credentials'),
    `[default]\nsecret_id = ${planted.profileId}\nsecret_key = ${planted.profileKey}\n`,
  );
  environment = {
    REDIS_URL: redisServer.url.replace('redis://', `redis://:${planted.redisPassword}@`),
    TENCENTCLOUD_REGION: 'ap-singapore',
    TAT_ENDPOINT: simulator.url,
    CALLS_PER_SECOND: '1000',
    LOG_LEVEL: 'debug',
    ATTEMPTS: '2',
    WEBHOOK_SECRET: planted.webhookSecret,
    WEBHOOK_PREVIOUS_SECRET: planted.webhookPreviousSecret,
    WEBHOOK_ALLOW_PRIVATE: 'true',
    SESSION_SECRET: planted.sessionSecret,
  };
});

afterAll(async () => {
  await Promise.all(processes.map((each) => each.kill()));
  await receiver.close();
  await simulator.close();
  redis.disconnect();
  await redisServer.stop();
  rmSync(directory, { recursive: true, force: true });
});

const keyInEnvironment = {
  TENCENTCLOUD_SECRET_ID: planted.secretId,
  TENCENTCLOUD_SECRET_KEY: planted.secretKey,
  TENCENTCLOUD_SESSION_TOKEN: planted.sessionToken,
};
const keyInProfile = { TENCENTCLOUD_CREDENTIALS_FILE: join(directory, 'credentials') };

function start(name: string, args: readonly string[], more: Record<string, string> = {}): CliProcess {
  const started = new CliProcess(args, { ...environment, ...more });
  processes.push(started);
  seen.set(name, '');
  return started;
}

/** Runs a command to its end and keeps all that it said. */
async function run(args: readonly string[], more: Record<string, string> = {}): Promise<string> {
  const started = start(args.join(' '), args, more);
  await started.exitCode();
  const said = started.stdout + started.stderr;
  seen.set(args.join(' '), said);
  return said;
}

/** A worker or server until it has stopped in good order; `use` it meanwhile. */
async function serve(
  name: string,
  args: readonly string[],
  more: Record<string, string>,
  use: (serving: CliProcess) => Promise<void>,
): Promise<void> {
  const serving = start(name, args, more);
  await serving.wrote(args[0] === 'serve' ? 'server started' : 'worker started');
  await use(serving);
  serving.signal('SIGTERM');
  await serving.exitCode();
  seen.set(name, serving.stdout + serving.stderr);
}

/** Makes requests of every fate: stopped, dead with a careless error text, malformed answers, and a notification. */
async function makeTrouble(secretId: string, secretKey: string): Promise<void> {
  const producer = await CancelProducer.connect({
    redisUrl: environment.REDIS_URL ?? '',
    defaultRegion: 'ap-singapore',
  });
  // The key in use, bare and as a careless gateway might quote it. Of other people's keys only the shapes are known.
  const careless = `${secretKey} is the key, Authorization: TC3-HMAC-SHA256 Credential=${secretId}/2026, X-TC-Token=${planted.sessionToken}, SecretKey=${planted.profileKey} of ${planted.profileId}`;
  const [good, doomed, broken] = [1, 2, 3].map(() => simulator.addInvocation({ instances: 2 }));
  simulator.faults.add({
    action: 'CancelInvocation',
    invocationId: doomed?.invocationId ?? '',
    code: 'InternalError',
    message: careless,
  });
  for (const answer of ['not-json', 'cut-body'] as const)
    simulator.faults.next('DescribeInvocations', { answer });
  const ids = await Promise.all(
    [good, doomed, broken].map(async (invocation) => {
      const targets = [
        {
          invocationId: invocation?.invocationId ?? '',
          instanceIds: ['ins-strange1', ...(invocation?.instanceIds ?? [])],
        },
      ];
      return (await producer.enqueue({ targets, webhook: receiver.url })).requestId;
    }),
  );
  await Promise.all(ids.map((id) => producer.waitUntilFinished(id)));
  await waitUntil('notifications came', () => receiver.notifications.length >= ids.length);
  await producer.close();
}

describe('secrets that were planted wherever they can be', () => {
  it('do not show while workers work, with the key from the environment or from a file', async () => {
    const metricsPort = await freePort();
    await serve(
      'worker, environment',
      ['worker'],
      { ...keyInEnvironment, METRICS_PORT: String(metricsPort) },
      async () => {
        await makeTrouble(planted.secretId, planted.secretKey);
        seen.set(
          'metrics of the worker',
          await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text(),
        );
      },
    );
    await serve('worker, profile', ['worker'], keyInProfile, async (worker) => {
      await makeTrouble(planted.profileId, planted.profileKey);
      simulator.credentials.update(planted.profileId, { secretKey: 'another-key-of-this-test' });
      const { invocationId } = simulator.addInvocation();
      await run(['cancel', invocationId]);
      await worker.wrote('held: no calls');
      simulator.credentials.update(planted.profileId, { secretKey: planted.profileKey });
      await worker.wrote('no longer held');
    });
    expect(seen.get('worker, environment')).toContain('call failed');
  });

  it('do not show in what the command line prints', async () => {
    const said = await run(['requests', '--json'], keyInEnvironment);
    const ids = (JSON.parse(said) as { requests: { requestId: string }[] }).requests.map(
      (each) => each.requestId,
    );
    expect(ids.length).toBeGreaterThan(5);
    const commands = [
      ...ids.slice(0, 3).map((id) => ['status', id, '--json']),
      ['dead-letters', 'list'],
      ['dead-letters', 'list', '--group', '--json'],
      ['dead-letters', 'export', '--format', 'csv'],
      ['queues', '--json'],
      ['doctor', '--json'],
      ['cancel', '--all-running', '--dry-run', '--json'],
      ['cancel', '--all-running', '--dry-run', '--command', 'cmd-unknown1'],
      ['cancel', '--nonsense'],
    ];
    const mistyped = { ...keyInEnvironment, TENCENTCLOUD_SECRET_KEY: `${planted.secretKey}-mistyped` };
    await Promise.all([
      ...commands.map((args) => run(args, keyInEnvironment)),
      run(['doctor'], mistyped),
      run(['doctor', '--region', 'ap-singapore'], keyInProfile),
    ]);
    expect(seen.get('dead-letters list')).toContain('InternalError');
  });

  it('do not show in what the server answers, serves and logs', async () => {
    const port = await freePort();
    const tokens = `reader:read:${planted.readerToken},ann:operate:${planted.operatorToken}`;
    await serve('server', ['serve'], { PORT: String(port), AUTH_TOKENS: tokens }, async () => {
      const url = `http://127.0.0.1:${port}`;
      const call = async (path: string, init: RequestInit = {}, token = planted.operatorToken) => {
        const answer = await fetch(url + path, {
          ...init,
          headers: { authorization: `Bearer ${token}`, ...init.headers },
        });
        const said = `${JSON.stringify([...answer.headers])}${await answer.text()}`;
        seen.set(`${init.method ?? 'GET'} ${path} as ${token.slice(0, 14)}`, said);
        return said;
      };
      const description = JSON.parse(
        await (
          await fetch(`${url}/openapi.json`, { headers: { authorization: `Bearer ${planted.readerToken}` } })
        ).text(),
      ) as { paths: Record<string, { get?: unknown }> };
      const paths = Object.keys(description.paths).filter(
        (path) => description.paths[path]?.get !== undefined && !path.endsWith('/events'),
      );
      const list = await call('/v1/cancel-requests');
      const id = /"requestId":"([^"]+)"/.exec(list)?.[1] ?? '';
      for (const path of paths) await call(path.replace('{id}', id).replace('{instanceId}', 'ins-strange1'));
      for (const path of [
        '/',
        '/docs',
        '/queues',
        '/queues/api/queues',
        '/queues/api/redis/stats',
        `/queues/api/queues/tat-cancel/${id}.0`,
      ]) {
        await call(path);
      }
      await call(`/v1/overview?token=${planted.operatorToken}`, {}, planted.wrongToken);
      await call('/v1/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: planted.operatorToken }),
      });
      await call('/v1/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: planted.wrongToken }),
      });
      await call('/v1/queue/pause', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: planted.wrongToken }),
      });
      expect(seen.size).toBeGreaterThan(40);
    });
  });

  it('do not show when Redis is lost or refuses', async () => {
    seen.set('Redis', await dumpKeysOf(redis, ''));
    seen.set('notifications', JSON.stringify(receiver.notifications));
    await run(['queues'], {
      REDIS_URL: redisServer.url.replace('redis://', `redis://:${planted.redisPassword}x@`),
    });
    await serve('worker without Redis', ['worker'], keyInEnvironment, async (worker) => {
      await redisServer.kill();
      await worker.wrote('trouble in the background');
    });
    const away = ['--redis-url', environment.REDIS_URL ?? ''];
    const commands = [['queues'], ['cancel', 'inv-00000001'], ['dead-letters', 'list'], ['doctor']];
    await Promise.all(commands.map((args) => run([...args, ...away], keyInEnvironment)));
    expect(seen.get('Redis')).toContain('***');
  });

  it('were found nowhere', () => {
    const secrets = [
      ...Object.entries(planted),
      ...simulator.secretTraces.map((trace) => ['CommandContent', trace]),
    ];
    expect(seen.size).toBeGreaterThan(40);
    expect([...seen].filter(([, text]) => text === '').map(([place]) => place)).toEqual([]);
    const found = [...seen].flatMap(([place, text]) =>
      secrets
        .filter(([, secret]) => text.includes(String(secret)))
        .map(([name]) => `${name} in ${place.replace(planted.redisPassword, '…')}`),
    );
    expect(found).toEqual([]);
  });
});
