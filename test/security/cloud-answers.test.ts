import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCredentialSource } from '../../src/cloud/credentials/credential-source.js';
import { createSdkTatClient } from '../../src/cloud/sdk-tat-client.js';
import type { TatClient } from '../../src/cloud/tat-client.js';
import { CapturedLog } from '../support/captured-log.js';
import { CliSession } from '../support/cli-session.js';
import { fullLengthOr } from '../support/full-length.js';
import { startInstallation } from '../support/installation.js';
import { MisbehavingServer } from '../support/misbehaving-server.js';
import { waitUntil } from '../support/wait-until.js';
import { floods, madAnswer } from './support/cloud-bytes.js';
import { FuzzSource, fuzzBytes } from './support/fuzz-source.js';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 60_000 });

const region = 'ap-singapore';
let server: MisbehavingServer;
let client: TatClient;
beforeAll(async () => {
  server = await MisbehavingServer.start(() => {});
  client = connectTo(server);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

function connectTo({ url }: MisbehavingServer, timeoutMs = 5_000): TatClient {
  return createSdkTatClient({
    endpoint: url,
    timeoutMs,
    credentials: createCredentialSource({
      secretId: 'AKIDSIMULATOR',
      secretKey: 'simulator-secret-key',
      cvmRole: 'never',
    }),
  });
}

const calls: readonly ((client: TatClient) => Promise<unknown>)[] = [
  (each) => each.cancelInvocation({ region, invocationId: 'inv-00000001', instanceIds: ['ins-00000001'] }),
  (each) => each.describeInvocations({ region, limit: 100 }),
  (each) => each.describeInvocationTasks({ region, limit: 100 }),
  (each) => each.describeInvokers({ region, limit: 100 }),
  (each) => each.describeInvokerRecords({ region, invokerIds: ['ivk-1'], limit: 100 }),
];

/** A result that can be acted on: a success of the right shape, or a failure with a code that is one, and little text. */
const usable = expect.toSatisfy((result) => {
  if (result.ok) return typeof result.cloudRequestId === 'string' && result.cloudRequestId !== '';
  const { code, message } = result.failure;
  return /^[A-Za-z][A-Za-z0-9_.-]{0,99}$/.test(code) && message.length <= 510 && 'class' in result.failure;
});

describe('an answer of the cloud of any content', () => {
  it('becomes a result, never an exception', async () => {
    const fuzz = new FuzzSource('cloud answers');
    for (let sent = 0; sent < fuzzBytes; ) {
      const answer = madAnswer(fuzz);
      server.behave(answer.behave);
      sent += answer.bytes + 50;
      expect([answer.name, await fuzz.pick(calls)(client)]).toEqual([answer.name, usable]);
    }
  });

  it.each(floods)('costs no more memory than it may: %s', async (_name, behave) => {
    server.behave(behave);
    for (const call of calls.slice(0, 2)) expect(await call(client)).toEqual(usable);
    // The bodies themselves are in buffers of the test, which count elsewhere.
    expect(process.memoryUsage().heapUsed).toBeLessThan(500 * 1024 * 1024);
  });
});

describe('a cloud that has lost its mind', () => {
  it('stops no worker, and what is asked for stays accounted for', async () => {
    const fuzz = new FuzzSource('mad cloud');
    const log = new CapturedLog('info');
    const installation = await startInstallation({
      workers: 0,
      worker: { callsPerSecond: 1_000, attempts: 3, logger: log.logger, timings: { reconcileEveryMs: 200 } },
    });
    const { producer, simulator, redis } = installation;
    const before = server.requests.length;
    server.behave((response, request) => madAnswer(fuzz).behave(response, request));
    const mad = installation.startWorker({ client: connectTo(server, 1_000), callTimeoutMs: 1_000 });
    const invocations = Array.from({ length: 40 }, () => simulator.addInvocation({ instances: 3 }));
    const ids = await Promise.all(
      invocations.map(async ({ invocationId, instanceIds }) => {
        const target = { invocationId, instanceIds: [...instanceIds] };
        return (await producer.enqueue({ targets: [target] })).requestId;
      }),
    );
    const answered = waitUntil(
      'many answers were given',
      () => server.requests.length > before + fullLengthOr(3_000, 200),
      fullLengthOr(120_000, 8_000),
    );
    // Held in between, as answers that complain of the key have it, there may be fewer.
    await answered.catch(() => expect(server.requests.length).toBeGreaterThan(before));
    for (const id of ids) {
      const status = await producer.status(id);
      const sum = Object.values(status?.counts ?? {}).reduce((total, count) => total + count, 0);
      expect(sum).toBe(status?.total);
    }
    await mad.close(0);
    expect(log.text).not.toMatch(/the worker takes no jobs/);
    expect(await redis.ping()).toBe('PONG');
    await installation.close();
  });

  it('is told of by the commands that ask it, in bounded time', async () => {
    const fuzz = new FuzzSource('mad cloud at the command line');
    const session = new CliSession();
    const environment = {
      TAT_ENDPOINT: server.url,
      TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR',
      TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key',
    };
    server.behave((response, request) => madAnswer(fuzz).behave(response, request));
    const commands = [
      ['doctor', '--json'],
      ['cancel', '--command', 'cmd-1a2b3c4d', '--dry-run', '--json'],
      ['cancel', '--instance', 'ins-00000001', '--dry-run', '--json'],
      ['cancel', '--all-running', '--since', '1h', '--dry-run'],
    ];
    for (let round = 0; round < fullLengthOr(20, 2); round += 1) {
      await Promise.all(
        commands.map(async (args) => {
          const { exitCode, stderr, stdout } = await session.run(args, { environment });
          expect([args, exitCode, stderr]).toEqual([
            args,
            expect.toSatisfy((code) => [0, 1, 2, 3].includes(code)),
            expect.not.stringContaining('unexpected:'),
          ]);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
          expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
        }),
      );
    }
    await session.close();
  });
});
