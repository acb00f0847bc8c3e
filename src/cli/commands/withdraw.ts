import type { Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { readCliSettings } from '../cli-settings.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { withProducer } from '../open-producer.js';
import { describeStatus } from '../watch/describe-status.js';

const closingHelp = `
What no call carries yet is taken out at once; what is under way finishes and keeps its true outcome. Doing it twice, or
after the end, changes nothing.

Examples:
  $ tat-cancel withdraw req-m3x8k2p1f00dfeed
  $ tat-cancel withdraw req-m3x8k2p1f00dfeed --json | jq .counts.withdrawn`;

/** `tat-cancel withdraw`: takes a request back. */
export function addWithdrawCommand(parent: Command, context: CliContext): void {
  parent
    .command('withdraw')
    .argument('<requestId>', 'as printed by cancel')
    .option('--json', 'print one JSON document')
    .addHelpText('after', closingHelp)
    .action(
      context.action(
        async (requestId: string, options: { json?: true }, command: Command): Promise<ExitCode> => {
          const settings = readCliSettings(context.environment, command);
          const progress = await withProducer(settings, (producer) => producer.withdraw(requestId));
          if (options.json) context.output.printJson(progress);
          else context.output.print(describeStatus(progress, context.output, context.clock.now()));
          return exitCodes.done;
        },
      ),
    );
}
