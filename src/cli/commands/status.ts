import type { Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { readCliSettings } from '../cli-settings.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { withProducer } from '../open-producer.js';
import { describeStatus } from '../watch/describe-status.js';
import { readKnown } from '../watch/read-known.js';

const closingHelp = `
With --json, etaSeconds is null when it cannot be told: settled, held, paused, or no worker runs. --watch ends with exit
code 1 if instances were dead-lettered; Ctrl-C ends the watching only.

Examples:
  $ tat-cancel status req-m3x8k2p1f00dfeed
  $ tat-cancel status req-m3x8k2p1f00dfeed --watch
  $ tat-cancel status req-m3x8k2p1f00dfeed --json | jq .counts`;

interface StatusOptions {
  readonly watch?: true;
  readonly json?: true;
}

/** `tat-cancel status`: how one request gets on. */
export function addStatusCommand(parent: Command, context: CliContext): void {
  parent
    .command('status')
    .argument('<requestId>', 'as printed by cancel')
    .option('-w, --watch', 'show progress until every instance has its outcome')
    .option('--json', 'print one JSON document')
    .addHelpText('after', closingHelp)
    .action(
      context.action((requestId: string, options: StatusOptions, command: Command) =>
        showStatus(requestId, options, command, context),
      ),
    );
}

async function showStatus(
  requestId: string,
  options: StatusOptions,
  command: Command,
  context: CliContext,
): Promise<ExitCode> {
  const settings = readCliSettings(context.environment, command);
  const { output } = context;
  if (options.watch) {
    const { watchRequests } = await import('../watch/watch-requests.js');
    const { exitCode, progresses } = await watchRequests([requestId], settings, context, {
      print: !options.json,
    });
    if (options.json) output.printJson(progresses[0]);
    return exitCode;
  }
  const progress = await withProducer(settings, (producer) => readKnown(producer, requestId));
  if (options.json) output.printJson(progress);
  else output.print(describeStatus(progress, output, context.clock.now()));
  return exitCodes.done;
}
