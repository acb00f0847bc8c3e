import { type Command, Option } from 'commander';
import { type ExportFormat, exportDeadLetters, exportFormats } from '../../shared/dead-letters/index.js';
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
  readonly format: ExportFormat;
}

/** `tat-cancel dead-letters export`: letters as NDJSON or CSV on stdout. */
export function addDeadLettersExportCommand(group: Command, context: CliContext): void {
  addFilterOptions(group.command('export').description('write dead letters to stdout as NDJSON or CSV'))
    .addOption(new Option('--format <format>', 'how').choices(exportFormats).default('ndjson'))
    .addHelpText('after', closingHelp)
    .action(
      context.action(async (options: ExportOptions, command: Command): Promise<ExitCode> => {
        const settings = readCliSettings(context.environment, command);
        const { output } = context;
        await withDeadLetters(settings, async ({ store }) => {
          for await (const line of exportDeadLetters(store.all(filterFrom(options)), options.format)) {
            output.write('stdout', line);
          }
        });
        return exitCodes.done;
      }),
    );
}
