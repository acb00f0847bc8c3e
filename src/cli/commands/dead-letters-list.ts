import { type Command, InvalidArgumentError } from 'commander';
import { type DeadLetterStore, isCursor, type StoredDeadLetter } from '../../shared/dead-letters/index.js';
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

interface ListOptions extends FilterOptions, PagingOptions<string> {
  readonly group?: true;
}

interface Page {
  readonly deadLetters: readonly StoredDeadLetter[];
  readonly nextCursor: string | null;
}

/** `tat-cancel dead-letters list`: dead letters, filtered and in pages. */
export function addDeadLettersListCommand(group: Command, context: CliContext): void {
  const list = addFilterOptions(group.command('list').description('list dead letters, oldest first')).option(
    '--group',
    'by error code, with counts and what to do, instead of one by one',
  );
  addPagingOptions(list, { limit: 100, most: 10_000 }, readCursor)
    .addHelpText('after', closingHelp)
    .action(
      context.action(async (options: ListOptions, command: Command): Promise<ExitCode> => {
        const settings = readCliSettings(context.environment, command);
        if (options.group) return await listGroups(options, settings, context);
        const page = await withDeadLetters(settings, ({ store }) => readPage(store, options));
        if (options.json) context.output.printJson(page);
        else context.output.print(describePage(page, options));
        return exitCodes.done;
      }),
    );
}

function readCursor(text: string): string {
  if (isCursor(text)) return text;
  throw new InvalidArgumentError('It must be the cursor that a list before has printed.');
}

async function listGroups(
  options: ListOptions,
  settings: CliSettings,
  { output }: CliContext,
): Promise<ExitCode> {
  const groups = await withDeadLetters(settings, ({ store }) => store.groups(filterFrom(options)));
  if (options.json) output.printJson({ groups });
  else output.print(describeGroups(groups));
  return exitCodes.done;
}

async function readPage(store: DeadLetterStore, options: ListOptions): Promise<Page> {
  const { cursor, limit } = options;
  const { deadLetters, nextCursor } = await store.list(filterFrom(options), {
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  });
  return { deadLetters, nextCursor: nextCursor ?? null };
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
