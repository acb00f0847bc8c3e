import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createSimulator, type Simulator } from '../../src/simulator/index.js';
import { CliProcess } from '../support/cli-process.js';
import { CliSession } from '../support/cli-session.js';
import { freePort } from '../support/free-port.js';

const session = new CliSession();
const processes: CliProcess[] = [];

function start(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  options: { readsNothing?: true } = {},
): CliProcess {
  const child = new CliProcess(args, { ...session.environment, ...environment }, options);
  processes.push(child);
  return child;
}

function workerEnvironment(simulator: Simulator): Record<string, string> {
  return {
    TAT_ENDPOINT: simulator.url,
    TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR',
    TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key',
  };
}

afterEach(async () => {
  await Promise.all(processes.splice(0).map((child) => child.kill()));
});

afterAll(async () => {
  await session.close();
});

describe('the built command', () => {
  it('writes one JSON document to stdout, and nothing else anywhere', async () => {
    const child = start(['cancel', 'inv-00000001', '--json']);
    expect(await child.exitCode()).toBe(0);
    expect(JSON.parse(child.stdout)).toMatchObject({ instances: 1 });
    expect(child.stderr).toBe('');
  });

  it('minds no reader that goes away', async () => {
    const child = start(['--help'], {}, { readsNothing: true });
    expect(await child.exitCode()).toBe(0);
    expect(child.stderr).toBe('');
  });

  it('leaves a request that it watches alone when interrupted', async () => {
    const child = start(['cancel', 'inv-00000002', '--watch']);
    await child.wrote('0 of 1 instance');
    child.signal('SIGINT');
    expect(await child.exitCode()).toBe(130);
    expect(child.stderr).toContain('Stopped watching. Request req-');
  });
});

describe('tat-cancel worker', () => {
  it('waits for a call in flight on a signal, and for nothing on a second one', async () => {
    const simulator = createSimulator({ latency: { minMs: 60_000, maxMs: 60_000 } });
    await simulator.start();
    const worker = start(['worker'], workerEnvironment(simulator));
    const { invocationId } = simulator.addInvocation({ instances: 1 });
    await session.run(['cancel', invocationId]);
    await simulator.record.waitForCalls(1, 'CancelInvocation');
    worker.signal('SIGTERM');
    await worker.wrote('worker stops');
    worker.signal('SIGINT');
    expect(await worker.exitCode()).toBe(1);
    expect(worker.stderr).toContain('SIGINT again: stopped at once.');
    await simulator.close();
  });

  it('ends with 0 on SIGTERM, having written only to stderr', async () => {
    const simulator = createSimulator();
    await simulator.start();
    const worker = start(['worker'], workerEnvironment(simulator));
    await worker.wrote('worker started');
    worker.signal('SIGTERM');
    expect(await worker.exitCode()).toBe(0);
    expect(worker.stdout).toBe('');
    await simulator.close();
  });

  it('says that Redis is away and waits, and ends with 0 on SIGTERM meanwhile', async () => {
    const worker = start(['worker'], {
      ...{ TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR', TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key' },
      REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
    });
    await worker.wrote('cannot be reached; waiting for it');
    worker.signal('SIGTERM');
    expect(await worker.exitCode()).toBe(0);
  });
});

describe('tat-cancel simulator', () => {
  it('prints what a worker needs to call it, and ends with 0 on SIGTERM', async () => {
    const simulator = start(['simulator', '--port', '0', '--invocations', '2', '--region', 'ap-tokyo']);
    await simulator.wrote('To cancel all');
    expect(simulator.stdout).toMatch(/^export TAT_ENDPOINT=http:\/\/127\.0\.0\.1:\d+$/m);
    expect(simulator.stdout).toMatch(/^export TENCENTCLOUD_REGION=ap-tokyo$/m);
    const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(simulator.stdout) ?? [];
    const targets = await (await fetch(`${url}/_simulator/invocations?format=ndjson`)).text();
    expect((await session.run(['cancel', '--file', '-'], { stdin: targets })).stdout).toContain(
      '400 instances of 2 invocations (4 jobs)',
    );
    simulator.signal('SIGTERM');
    expect(await simulator.exitCode()).toBe(0);
  });

  it('says what to do about a taken port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { exitCode, stderr } = await session.run(['simulator', '--port', String(port)]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`Port ${port} of 127.0.0.1 is taken: choose another with --port`);
    server.close();
  });
});
