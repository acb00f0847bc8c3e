import type { Command } from 'commander';
import { invocationIdSchema, regionSchema } from '../../shared/schemas.js';
import type { CliContext } from '../cli-context.js';
import { UsageError } from '../cli-errors.js';
import { readCliSettings } from '../cli-settings.js';
import { currentUser, reportResult } from '../dead-letters/report-result.js';
import { addFilterOptions, type SelectionOptions, selectionFrom } from '../dead-letters/select-letters.js';
import type { ExitCode } from '../exit-code.js';
import { withDeadLetters } from '../open-dead-letters.js';

const closingHelp = `
Attempts start anew, and the request counts on: its state goes back to running. Doing it twice, or again after it was cut
off, sends nothing twice. The call limit gives the rate.

Examples:
  $ tat-cancel dead-letters redrive --code NotConfirmed --dry-run
  $ tat-cancel dead-letters redrive req-m3x8k2p1f00dfeed.0.1a2b3c4d
  $ tat-cancel dead-letters redrive --request req-m3x8k2p1f00dfeed --new-region ap-tokyo`;

interface RedriveOptions extends SelectionOptions {
  readonly newRegion?: string;
  readonly newInvocation?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `tat-cancel dead-letters redrive`: sends letters round again. */
export function addDeadLettersRedriveCommand(group: Command, context: CliContext): void {
  addFilterOptions(
    group
      .command('redrive')
      .description('send dead letters round again')
      .argument('[letterIds...]', 'as printed by list'),
  )
    .option('--all', 'all of them')
    .option('--new-region <region>', 'use this region in place of the one in the letters')
    .option('--new-invocation <invocationId>', 'use this invocation in place of the one in the letters')
    .option('--dry-run', 'only say what would happen')
    .option('--json', 'print one JSON document')
    .addHelpText('after', closingHelp)
    .action(
      context.action(async (ids: string[], options: RedriveOptions, command: Command): Promise<ExitCode> => {
        const settings = readCliSettings(context.environment, command);
        const change = readChange(options);
        const order = {
          selection: selectionFrom(ids, options),
          by: currentUser(),
          dryRun: options.dryRun === true,
        };
        const result = await withDeadLetters(settings, (deadLetters) => deadLetters.redrive(order, change));
        const words = { done: 'Sent round again:', planned: 'Would be sent round again:' };
        return reportResult(result, words, options, context.output);
      }),
    );
}

function readChange({ newRegion, newInvocation }: RedriveOptions) {
  const problems = [
    newRegion === undefined || regionSchema.safeParse(newRegion).success
      ? undefined
      : `--new-region: ${JSON.stringify(newRegion)} is not a region`,
    newInvocation === undefined || invocationIdSchema.safeParse(newInvocation).success
      ? undefined
      : `--new-invocation: ${JSON.stringify(newInvocation)} is not an invocation id`,
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return {
    ...(newRegion === undefined ? {} : { region: newRegion }),
    ...(newInvocation === undefined ? {} : { invocationId: newInvocation }),
  };
}
