import { type Command, InvalidArgumentError, Option } from 'commander';
import { type AuditAction, type AuditEntry, auditActions } from '../../shared/audit/audit-entry.js';
import { AuditReader } from '../../shared/audit/audit-reader.js';
import type { CliContext } from '../cli-context.js';
import { readCliSettings } from '../cli-settings.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { withRedis } from '../open-redis.js';
import { formatTable, tameText } from '../text-format.js';
import { wholeNumber } from '../whole-number.js';

const closingHelp = `
What the server changed for somebody, and every dead letter that was redriven or discarded, wherever that was asked for.
The latest 100,000 entries are kept.

Examples:
  $ tat-cancel audit --by ann
  $ tat-cancel audit --action discard-letter --json`;

interface AuditOptions {
  readonly action?: AuditAction;
  readonly by?: string;
  readonly request?: string;
  readonly limit: number;
  readonly cursor?: string;
  readonly json?: true;
}

/** `tat-cancel audit`: who changed what, in pages. */
export function addAuditCommand(parent: Command, context: CliContext): void {
  parent
    .command('audit')
    .addOption(new Option('--action <action>', 'only these').choices(auditActions))
    .option('--by <name>', 'only by this token or user')
    .option('--request <requestId>', 'only about this cancel request')
    .option('--limit <count>', 'at most this many, up to 1000', wholeNumber(1, 1_000), 50)
    .option('--cursor <cursor>', 'where to go on, from the list before', readCursor)
    .option('--json', 'print one JSON document')
    .addHelpText('after', closingHelp)
    .action(
      context.action(async (options: AuditOptions, command: Command): Promise<ExitCode> => {
        const settings = readCliSettings(context.environment, command);
        const { action, by, request, cursor, limit } = options;
        const { entries, nextCursor } = await withRedis(settings, (client) =>
          new AuditReader(client, settings.queuePrefix).page(
            { action, by, requestId: request },
            { cursor, limit },
          ),
        );
        if (options.json) context.output.printJson({ entries, nextCursor: nextCursor ?? null });
        else context.output.print(describe(entries, nextCursor));
        return exitCodes.done;
      }),
    );
}

function readCursor(text: string): string {
  if (/^\d{1,15}-\d{1,15}$/.test(text)) return text;
  throw new InvalidArgumentError('is no cursor of this list.');
}

function describe(entries: readonly AuditEntry[], nextCursor: string | undefined): string {
  const rows = entries.map(({ at, by, role, action, requestId, letterId, details }) => [
    at,
    tameText(role === undefined ? by : `${by} (${role})`).slice(0, 60),
    action,
    tameText(letterId ?? requestId ?? '-'),
    tameText(JSON.stringify(details)).slice(0, 120),
  ]);
  const table =
    rows.length === 0
      ? 'No entries.'
      : formatTable([['AT', 'BY', 'ACTION', 'REQUEST OR LETTER', 'DETAILS'], ...rows]);
  return nextCursor === undefined
    ? table
    : `${table}\nThere are more: the same command with --cursor ${nextCursor}`;
}
