import type { Command } from 'commander';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { CliContext } from '../../src/cli/cli-context.js';
import { createProgram } from '../../src/cli/cli-program.js';
import { systemClock } from '../../src/shared/clock.js';
import { buryRequests } from '../support/buried-requests.js';
import { type CliRun, CliSession } from '../support/cli-session.js';
import { connectToTestRedis } from '../support/test-prefix.js';
import { FuzzSource, fuzzBytes } from './support/fuzz-source.js';

vi.setConfig({ testTimeout: 300_000 });

const session = new CliSession();
afterAll(() => session.close());

/** These serve until they are told to stop, on a port; what they make of their arguments is tried with bad ones only. */
const servants = new Set(['worker', 'serve', 'simulator', 'watch']);

/** Every command with its options, as the program itself knows them. */
async function everyCommand(): Promise<{ path: string[]; options: string[] }[]> {
  const context = new CliContext({
    environment: {},
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    clock: systemClock,
    trapSignals: () => AbortSignal.abort(),
  });
  const walk = (command: Command, path: string[]): { path: string[]; options: string[] }[] => [
    { path, options: command.options.map((option) => option.long ?? option.short ?? '') },
    ...command.commands.flatMap((child) => walk(child, [...path, child.name()])),
  ];
  return walk(await createProgram(context, 'all'), []).filter(({ path }) => !servants.has(path[0] ?? ''));
}

async function run(args: readonly string[], environment: Record<string, string> = {}): Promise<CliRun> {
  // Somebody who presses Ctrl-C at once, or whatever follows would be watched for ever.
  const result = await session.run(args, { environment, signal: AbortSignal.abort() });
  expect([args, result.exitCode]).toEqual([
    args,
    expect.toSatisfy((code) => [0, 1, 2, 3, 130].includes(code)),
  ]);
  expect(result.stderr).not.toMatch(/unexpected:|\n {4}at /);
  return result;
}

describe('arguments of any kind', () => {
  it('are carried out or refused, whatever the command', async () => {
    const fuzz = new FuzzSource('cli arguments');
    const commands = await everyCommand();
    expect(commands.length).toBeGreaterThan(15);
    for (let sent = 0; sent < fuzzBytes / 2; ) {
      const { path, options } = fuzz.pick(commands);
      const rest = Array.from({ length: fuzz.number(6) }, () =>
        fuzz.number(2) === 0 && options.length > 0 ? fuzz.pick(options) : fuzz.text(),
      ).filter((text) => text !== '--help' && text !== '-h');
      sent += rest.join(' ').length + 10;
      await run([...path, ...rest]);
    }
  });

  it('are refused by the commands that serve, too, when they cannot be used', async () => {
    const fuzz = new FuzzSource('servant arguments');
    for (const name of servants) {
      for (let tries = 0; tries < 20; tries += 1) {
        const result = await run([name, `--${fuzz.number(1e9)}`, fuzz.text()]);
        expect(result.exitCode).toBe(2);
      }
    }
  });

  it('may be as long as a shell lets them be', async () => {
    for (const length of [10_000, 1_000_000]) {
      expect((await run(['cancel', 'x'.repeat(length)])).exitCode).toBe(2);
      expect((await run(['status', 'x'.repeat(length)])).exitCode).toBe(2);
      expect((await run(['cancel', 'inv-00000001', '--reason', 'x'.repeat(length)])).exitCode).toBe(2);
      expect((await run(['dead-letters', 'show', 'x'.repeat(length)])).exitCode).toBe(2);
    }
    expect((await run(['cancel', 'inv-00000001', ...Array(20_000).fill('ins-00000001')])).exitCode).toBe(0);
    expect((await run(['cancel', 'inv-00000001', ...Array(20_000).fill('x')])).exitCode).toBe(2);
  });

  it('reach nothing in Redis that is no request or letter', async () => {
    const redis = connectToTestRedis();
    await buryRequests(redis, { prefix: session.prefix, requests: 1 }); // or there would be no other keys to reach
    redis.disconnect();
    for (const id of [
      '*',
      '../requests',
      ':requests',
      'wait',
      'meta',
      '{tat-cancel}:ledger:requests',
      '.',
      '',
    ]) {
      expect((await run(['status', id, '--json'])).stdout).toBe('');
      expect((await run(['dead-letters', 'show', id, '--json'])).stdout).toBe('');
    }
  });
});

describe('a password among the arguments', () => {
  it('is refused, since others on the machine can see it, and is not repeated', async () => {
    for (const url of ['redis://:hunter2hunter2@127.0.0.1:6379', 'rediss://ann:hunter2hunter2@10.0.0.1/0']) {
      const { exitCode, stderr } = await session.run(['queues', '--redis-url', url]);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Put the URL into REDIS_URL')]);
      expect(stderr).not.toContain('hunter2');
    }
  });
});
