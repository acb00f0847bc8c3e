import { afterEach, expect, inject, it } from 'vitest';
import { createSimulator, type Simulator } from '../../src/simulator/index.js';
import { CliProcess } from '../support/cli-process.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../support/test-prefix.js';

const prefix = freshPrefix();
const processes: CliProcess[] = [];
let simulator: Simulator | undefined;

afterEach(async () => {
  await Promise.all(processes.splice(0).map((process) => process.kill()));
  await simulator?.close();
  const redis = connectToTestRedis();
  await removeKeysOf(redis, prefix);
  redis.disconnect();
});

function start(args: string[], environment: Record<string, string>): CliProcess {
  const process = new CliProcess(args, {
    REDIS_URL: inject('redisUrl'),
    QUEUE_PREFIX: prefix,
    TENCENTCLOUD_REGION: 'ap-singapore',
    NODE_OPTIONS: '--import ./test/tracing/console-sdk.mjs',
    ...environment,
  });
  processes.push(process);
  return process;
}

function spansOf({ stderr }: CliProcess): Map<string, string> {
  return new Map(
    [...stderr.matchAll(/^span: (.+) (\w{32})$/gm)].map(([, name = '', trace = '']) => [name, trace]),
  );
}

it('command line and worker hand over their last spans before they end, and share a trace', async () => {
  simulator = createSimulator({ defaultRegion: 'ap-singapore', callsPerSecond: 0 });
  await simulator.start();
  const { invocationId } = simulator.addInvocation({ instances: 2 });
  const worker = start(['worker'], {
    TRACING: 'true',
    TAT_ENDPOINT: simulator.url,
    TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR',
    TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key',
  });
  const command = start(['cancel', invocationId, '--watch'], { TRACING: 'true' });
  expect(await command.exitCode(), command.stderr).toBe(0);
  worker.signal('SIGTERM');
  expect(await worker.exitCode(), worker.stderr).toBe(0);
  const trace = spansOf(command).get('enqueue cancel request');
  expect(trace).toMatch(/^\w{32}$/);
  expect(spansOf(worker).get('process tat-cancel')).toBe(trace);
  expect([...spansOf(worker).keys()]).toEqual(
    expect.arrayContaining(['CancelInvocation', 'DescribeInvocations']),
  );
});

it('without TRACING there is no span in a process that was started with an SDK', async () => {
  const command = start(['cancel', 'inv-00000001'], {});
  expect(await command.exitCode(), command.stderr).toBe(0);
  expect(spansOf(command).size).toBe(0);
});

it('TRACING takes true and false only', async () => {
  const command = start(['cancel', 'inv-00000001'], { TRACING: 'yes' });
  expect(await command.exitCode()).toBe(2);
  expect(command.stderr).toContain('TRACING: must be true or false');
});
