import type { Command } from 'commander';
import { type SettingDefinition, settingDefinitions } from '../../shared/settings/index.js';
import { readWorkerSettings, workerSettingKeys } from '../../worker/worker-settings.js';
import type { CliContext } from '../cli-context.js';
import { globalFlags } from '../cli-settings.js';
import { exitCodes } from '../exit-code.js';
import { formatTable } from '../text-format.js';

/** `tat-cancel worker`: carries cancel jobs out until it is told to stop. */
export function addWorkerCommand(parent: Command, context: CliContext): void {
  parent
    .command('worker')
    .description(
      'carry cancel requests out, until SIGTERM or SIGINT (a second one stops at once, with exit code 1)',
    )
    .addHelpText('after', () => closingHelp())
    .action(
      context.action(async (_options: object, command: Command) => {
        // Loaded here: the cloud's SDK would make every other command slow to start.
        const settings = readWorkerSettings(context.environment, globalFlags(command));
        const { runWorker } = await import('../../worker/run-worker.js');
        const { createLogger } = await import('../../shared/logger.js');
        const logger = createLogger({ level: settings.logLevel, name: 'tat-cancel-worker' });
        await runWorker(settings, logger, context.trapSignals());
        return exitCodes.done;
      }),
    );
}

function closingHelp(): string {
  const rows = workerSettingKeys.map((key) => {
    const definition: SettingDefinition = settingDefinitions[key];
    return [`  ${definition.name}`, definition.default ?? ''];
  });
  return `
Settings come from the environment; name and default:
${formatTable(rows)}

Logs go to stderr, as JSON lines. Run as many workers as you like: they share one call limit.

Examples:
  $ TENCENTCLOUD_SECRET_ID=… TENCENTCLOUD_SECRET_KEY=… tat-cancel worker`;
}
