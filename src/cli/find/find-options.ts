import type { Command } from 'commander';
import { z } from 'zod';
import { instanceIdSchema } from '../../shared/schemas.js';
import { UsageError } from '../cli-errors.js';
import { quoteText } from '../text-format.js';
import { parseSince } from './parse-since.js';

/** What to look for in the cloud: what runs of some commands, on some instances, or at all. */
export interface Selection {
  readonly commandIds: readonly string[];
  readonly instanceIds: readonly string[];
  /** Only what was started at this moment or later, in ms since the epoch. */
  readonly sinceMs: number | undefined;
}

export interface FindOptions {
  readonly command?: readonly string[];
  readonly instance?: readonly string[];
  readonly allRunning?: true;
  readonly since?: string;
  readonly yes?: true;
  readonly disableInvokers?: true;
  readonly untilQuiet?: true;
}

const commandIdSchema = z
  .string()
  .regex(/^cmd-[0-9A-Za-z]{8,32}$/, 'is not a command id (cmd-… with 8 to 32 letters or digits)');

/** The options that let the cloud name the targets. */
export function addFindOptions(command: Command): Command {
  const collect = (value: string, earlier: readonly string[] = []) => [...earlier, value];
  return command
    .option('--command <commandId>', 'find what still runs of this command (cmd-…); may be repeated', collect)
    .option('--instance <instanceId>', 'find what still runs on this instance; may be repeated', collect)
    .option('--all-running', 'find everything that still runs in the region')
    .option(
      '--since <when>',
      'of what is found, only what was started since then (90s, 30m, 2h, 7d, ISO time)',
    )
    .option('-y, --yes', 'cancel what is found without asking')
    .option('--disable-invokers', 'also disable the schedules that would start the commands again')
    .option(
      '--until-quiet',
      'search again until two searches in a row find nothing new, for 10 minutes at most',
    );
}

/**
 * What the options select, or undefined when they select nothing because the targets are named.
 * @throws {UsageError} with everything that is wrong with them
 */
export function readSelection(
  options: FindOptions,
  named: { readonly invocationId: string | undefined; readonly file: string | undefined },
  nowMs: number,
): Selection | undefined {
  const { command = [], instance = [], allRunning, since, disableInvokers, untilQuiet } = options;
  const selects = command.length > 0 || instance.length > 0 || allRunning === true;
  if (!selects) {
    const idle = [
      ...(since === undefined ? [] : ['--since']),
      ...(disableInvokers ? ['--disable-invokers'] : []),
      ...(untilQuiet ? ['--until-quiet'] : []),
    ];
    if (idle.length === 0) return undefined;
    throw new UsageError(`${idle.join(' and ')}: goes with --command, --instance or --all-running.`);
  }
  if (named.invocationId !== undefined || named.file !== undefined) {
    throw new UsageError(
      'Either name targets, or have them found with --command, --instance or --all-running, not both.',
    );
  }
  if (allRunning && (command.length > 0 || instance.length > 0)) {
    throw new UsageError('--all-running means everything in the region: leave out --command and --instance.');
  }
  const problems = [...problemsOf(commandIdSchema, command), ...problemsOf(instanceIdSchema, instance)];
  const sinceMs = since === undefined ? undefined : parseSince(since, nowMs);
  if (typeof sinceMs === 'string') problems.push(`--since: ${sinceMs}`);
  if (problems.length > 0 || typeof sinceMs === 'string') throw new UsageError(problems.join('\n'));
  return { commandIds: [...new Set(command)], instanceIds: [...new Set(instance)], sinceMs };
}

function problemsOf(schema: z.ZodString, ids: readonly string[]): string[] {
  return ids.flatMap((id) => {
    const parsed = schema.safeParse(id);
    return parsed.success ? [] : [`${quoteText(id)} ${parsed.error.issues[0]?.message}`];
  });
}
