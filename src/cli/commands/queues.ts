import type { Command } from 'commander';
import { OverviewReader } from '../../shared/queue-overview.js';
import type { CliContext } from '../cli-context.js';
import { readCliSettings } from '../cli-settings.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { withRedis } from '../open-redis.js';
import { describeOverview } from '../overview/describe-overview.js';

const closingHelp = `
An instance waits until the cloud has accepted its cancel, a job until its last instance does not wait any more. With
--json, callsPerSecondLimit and pace are null while no worker runs. tat-cancel watch shows the same, live.

Examples:
  $ tat-cancel queues
  $ tat-cancel queues --json | jq .waiting`;

/** `tat-cancel queues`: what waits, how fast it goes, and what stands in the way. */
export function addQueuesCommand(parent: Command, context: CliContext): void {
  parent
    .command('queues')
    .option('--json', 'print one JSON document')
    .addHelpText('after', closingHelp)
    .action(
      context.action(async (options: { json?: true }, command: Command): Promise<ExitCode> => {
        const settings = readCliSettings(context.environment, command);
        const { queuePrefix: prefix } = settings;
        const overview = await withRedis(settings, (client) => new OverviewReader({ client, prefix }).read());
        if (options.json) context.output.printJson(overview);
        else context.output.print(describeOverview(overview, context.output));
        return exitCodes.done;
      }),
    );
}
