import { type Command, Option } from 'commander';
import type { StoredDeadLetter } from '../../shared/dead-letter-queue.js';
import type { CliContext } from '../cli-context.js';
import { readCliSettings } from '../cli-settings.js';
import { addFilterOptions, type FilterOptions, filterFrom } from '../dead-letters/select-letters.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { withDeadLetters } from '../open-dead-letters.js';

const closingHelp = `
ndjson has one letter a line, with everything that is known of it; csv has one line for each instance.

Examples:
  $ tat-cancel dead-letters export > letters.ndjson
  $ tat-cancel dead-letters export --format csv --code NotConfirmed > letters.csv`;

interface ExportOptions extends FilterOptions {
  readonly format: 'ndjson' | 'csv';
}

const columns =
  'letterId,requestId,region,invocationId,instanceId,code,message,cloudRequestId,attempts,deadAt';

/** `tat-cancel dead-letters export`: letters as NDJSON or CSV on stdout. */
export function addDeadLettersExportCommand(group: Command, context: CliContext): void {
  addFilterOptions(group.command('export').description('write dead letters to stdout as NDJSON or CSV'))
    .addOption(new Option('--format <format>', 'how').choices(['ndjson', 'csv']).default('ndjson'))
    .addHelpText('after', closingHelp)
    .action(
      context.action(async (options: ExportOptions, command: Command): Promise<ExitCode> => {
        const settings = readCliSettings(context.environment, command);
        const { output } = context;
        await withDeadLetters(settings, async (_letters, desk) => {
          if (options.format === 'csv') output.print(columns);
          for await (const letter of desk.all(filterFrom(options))) {
            if (options.format === 'csv') for (const line of toCsv(letter)) output.print(line);
            else output.printJsonLine(letter);
          }
        });
        return exitCodes.done;
      }),
    );
}

function toCsv({ id, requestId, target, error, attempts, deadAt }: StoredDeadLetter): string[] {
  return (target.instanceIds ?? ['']).map((instanceId) =>
    [
      id,
      requestId,
      target.region,
      target.invocationId,
      instanceId,
      error.code,
      error.message,
      error.cloudRequestId ?? '',
      String(attempts),
      deadAt,
    ]
      .map(quote)
      .join(','),
  );
}

/** A cell that a spreadsheet would take for a formula gets an apostrophe in front. */
function quote(cell: string): string {
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
