import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { CliSession } from '../support/cli-session.js';
import { freePort } from '../support/free-port.js';
import { allCommandPaths, examplesOf } from '../support/help-examples.js';

const paths = (await allCommandPaths()).map((path) => ({ name: ['tat-cancel', ...path].join(' '), path }));

/** They wait for Redis as long as it takes, or do without. */
const patient = new Set(['worker', 'serve', 'simulator', 'completion']);

/** Arguments without which a command does not get as far as Redis. */
const argumentsFor: Readonly<Record<string, readonly string[]>> = {
  cancel: ['inv-1a2b3c4d'],
  status: ['req-1'],
  instances: ['req-1'],
  withdraw: ['req-1'],
  show: ['letter-1'],
  set: ['5'],
  redrive: ['--all'],
  discard: ['--all', '--reason', 'no longer wanted'],
};

describe('every help text', () => {
  it.each(paths)('has an example: $name', async ({ path }) => {
    const examples = await examplesOf(path);
    expect(examples.length).toBeGreaterThan(0);
    const own = ['tat-cancel', ...path].join(' ');
    expect(examples.some((line) => line.includes(own))).toBe(true);
  });
});

describe('every help text in a terminal', () => {
  it.each(paths)('fits 80 columns: $name', async ({ path }) => {
    const { stdout } = await new CliSession().run([...path, '--help'], { isTerminal: true, columns: 80 });
    expect(stdout.split('\n').filter((line) => stringWidth(line) > 80)).toEqual([]);
  });
});

describe('an error', () => {
  const inReach = paths.filter(({ path }) => path.length > 0 && !patient.has(path[0] ?? ''));
  const leaves = inReach.filter(({ name }) => !inReach.some((other) => other.name.startsWith(`${name} `)));

  it.each(leaves)('is told without a stack, and with one when debugging: $name', async ({ path }) => {
    const REDIS_URL = `redis://127.0.0.1:${await freePort()}`;
    const args = [...path, ...(argumentsFor[path.at(-1) ?? ''] ?? [])];
    const isTerminal = path[0] === 'watch';
    const plain = await new CliSession().run(args, { environment: { REDIS_URL } });
    expect(plain.exitCode).toBeGreaterThan(0);
    expect(plain.stdout + plain.stderr).not.toMatch(/\n\s+at /);
    if (path[0] === 'doctor' || isTerminal) return; // they end with a verdict, or at the door
    expect(plain.exitCode).toBe(3);
    const curious = await new CliSession().run(args, { environment: { REDIS_URL, LOG_LEVEL: 'debug' } });
    expect(curious.stderr).toMatch(/\n\s+at /);
  });
});

it('a terminal that does not tell its width gets lines as they are', async () => {
  const session = new CliSession();
  const told = await session.run(['queues'], { isTerminal: true, columns: 0 });
  const piped = await session.run(['queues']);
  const lines = (text: string) => text.split('\n').length;
  expect(lines(told.stdout)).toBe(lines(piped.stdout));
});
