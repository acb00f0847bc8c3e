import type { Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { UsageError } from '../cli-errors.js';
import { readCliSettings } from '../cli-settings.js';
import { currentUser, reportResult } from '../dead-letters/report-result.js';
import { addFilterOptions, type SelectionOptions, selectionFrom } from '../dead-letters/select-letters.js';
import type { ExitCode } from '../exit-code.js';
import { withDeadLetters } from '../open-dead-letters.js';

const closingHelp = `
The instances stay dead-lettered in the counts of their request; the reason is kept in the audit.

Examples:
  $ tat-cancel dead-letters discard --code ResourceNotFound.InvocationNotFound --reason "typing error in the list"`;

/** As over HTTP. */
const longestReason = 1_000;

interface DiscardOptions extends SelectionOptions {
  readonly reason: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `tat-cancel dead-letters discard`: puts letters aside for good. */
export function addDeadLettersDiscardCommand(group: Command, context: CliContext): void {
  addFilterOptions(
    group
      .command('discard')
      .description('put dead letters aside for good, with a reason')
      .argument('[letterIds...]', 'as printed by list'),
  )
    .requiredOption('--reason <text>', 'why nothing more is to be done')
    .option('--all', 'all of them')
    .option('--dry-run', 'only say what would happen')
    .option('--json', 'print one JSON document')
    .addHelpText('after', closingHelp)
    .action(
      context.action(async (ids: string[], options: DiscardOptions, command: Command): Promise<ExitCode> => {
        const settings = readCliSettings(context.environment, command);
        const reason = readReason(options.reason);
        const order = {
          selection: selectionFrom(ids, options),
          by: currentUser(),
          dryRun: options.dryRun === true,
        };
        const result = await withDeadLetters(settings, (deadLetters) => deadLetters.discard(order, reason));
        return reportResult(
          result,
          { done: 'Discarded:', planned: 'Would be discarded:' },
          options,
          context.output,
        );
      }),
    );
}

function readReason(text: string): string {
  const reason = text.trim();
  if (reason.length > 0 && reason.length <= longestReason) return reason;
  throw new UsageError(`--reason: must have 1 to ${longestReason} characters`);
}
