import type { Command } from 'commander';
import type { DeadLetterQueue, StoredDeadLetter } from '../../shared/dead-letter-queue.js';
import type { CliContext } from '../cli-context.js';
import { type CliSettings, readCliSettings } from '../cli-settings.js';
import { describeGroups } from '../dead-letters/describe-groups.js';
import { addFilterOptions, type FilterOptions, filterFrom } from '../dead-letters/select-letters.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { withDeadLetters } from '../open-dead-letters.js';
import { addPagingOptions, type PagingOptions } from '../paging-options.js';
import { formatCount, formatTable, tameText } from '../text-format.js';

const closingHelp = `
Oldest first. When there are more than --limit, the last line (with --json: nextCursor) says how to get the next ones.

Examples:
  $ tat-cancel dead-letters list
  $ tat-cancel dead-letters list --group
  $ tat-cancel dead-letters list --request req-m3x8k2p1f00dfeed --code NotConfirmed
  $ tat-cancel dead-letters list --json --limit 1000 | jq -r '.deadLetters[].error.code' | sort | uniq -c`;

interface ListOptions extends FilterOptions, PagingOptions {
  readonly group?: true;
}

interface Page {
  readonly deadLetters: readonly StoredDeadLetter[];
  readonly nextCursor: number | null;
}

/** `tat-cancel dead-letters list`: dead letters, filtered and in pages. */
export function addDeadLettersListCommand(group: Command, context: CliContext): void {
  const list = addFilterOptions(group.command('list').description('list dead letters, oldest first')).option(
    '--group',
    'by error code, with counts and what to do, instead of one by one',
  );
  addPagingOptions(list, { limit: 100, most: 10_000 })
    .addHelpText('after', closingHelp)
    .action(
      context.action(async (options: ListOptions, command: Command): Promise<ExitCode> => {
        const settings = readCliSettings(context.environment, command);
        if (options.group) return await listGroups(options, settings, context);
        const page = await withDeadLetters(settings, (deadLetters) => readPage(deadLetters, options));
        if (options.json) context.output.printJson(page);
        else context.output.print(describePage(page, options));
        return exitCodes.done;
      }),
    );
}

async function listGroups(
  options: ListOptions,
  settings: CliSettings,
  { output }: CliContext,
): Promise<ExitCode> {
  const groups = await withDeadLetters(settings, (_letters, desk) => desk.groups(filterFrom(options)));
  if (options.json) output.printJson({ groups });
  else output.print(describeGroups(groups));
  return exitCodes.done;
}

async function readPage(deadLetters: DeadLetterQueue, options: ListOptions): Promise<Page> {
  const filter = filterFrom(options);
  const page = await deadLetters.list(filter, options);
  if (page.nextCursor === undefined) return { ...page, nextCursor: null };
  // A full page may happen to be the last one; nobody shall be sent on to an empty one.
  const further = await deadLetters.list(filter, { cursor: page.nextCursor, limit: 1 });
  return { ...page, nextCursor: further.deadLetters.length === 0 ? null : page.nextCursor };
}

function describePage({ deadLetters, nextCursor }: Page, { limit }: ListOptions): string {
  if (deadLetters.length === 0) return 'No dead letters.';
  const rows = deadLetters.map(({ id, deadAt, requestId, target, error, attempts }) => [
    ...[id, deadAt, requestId, target.invocationId, describeInstances(target.instanceIds), error.code].map(
      tameText,
    ),
    String(attempts),
    tameText(error.message).slice(0, 80),
  ]);
  const head = ['LETTER', 'DIED', 'REQUEST', 'INVOCATION', 'INSTANCES', 'CODE', 'CALLS', 'MESSAGE'];
  const more =
    nextCursor === null
      ? ''
      : `\nThere are more: the same command with --cursor ${nextCursor} --limit ${limit}`;
  return formatTable([head, ...rows], [6]) + more;
}

function describeInstances(instanceIds: readonly string[] | undefined): string {
  const [first, ...others] = instanceIds ?? [];
  if (first === undefined) return 'whole invocation';
  return others.length === 0 ? first : `${first} and ${formatCount(others.length)} more`;
}
