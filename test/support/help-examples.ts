import type { Command } from 'commander';
import { CliContext } from '../../src/cli/cli-context.js';
import { createProgram } from '../../src/cli/cli-program.js';
import { systemClock } from '../../src/shared/clock.js';
import { CliSession } from './cli-session.js';

/** The words that lead to every command, groups and the program itself included. */
export async function allCommandPaths(): Promise<string[][]> {
  const context = new CliContext({
    environment: {},
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    clock: systemClock,
    trapSignals: () => new AbortController().signal,
  });
  return pathsOf(await createProgram(context, 'all'), []);
}

function pathsOf(command: Command, path: readonly string[]): string[][] {
  return [[...path], ...command.commands.flatMap((each) => pathsOf(each, [...path, each.name()]))];
}

/** The lines after `Examples:` in the help of a command, without their `$`. */
export async function examplesOf(path: readonly string[]): Promise<string[]> {
  const { stdout } = await new CliSession().run([...path, '--help']);
  const [, examples = ''] = stdout.split(/^Examples:$/m);
  return [...examples.matchAll(/^ {2}\$ (.+)$/gm)].map(([, line = '']) => line);
}
