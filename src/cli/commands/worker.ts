import type { Command } from 'commander';
import { type SettingDefinition, settingDefinitions } from '../../shared/settings/index.js';
import { readWorkerSettings, type WorkerSettings, workerSettingKeys } from '../../worker/worker-settings.js';
import type { CliContext } from '../cli-context.js';
import { UsageError } from '../cli-errors.js';
import { exitCodes } from '../exit-code.js';
import { globalFlags } from '../global-options.js';
import { formatTable } from '../text-format.js';

/** `tat-cancel worker`: carries cancel jobs out until it is told to stop. */
export function addWorkerCommand(parent: Command, context: CliContext): void {
  parent
    .command('worker')
    .addHelpText('after', () => closingHelp())
    .action(
      context.action(async (_options: object, command: Command) => {
        // Loaded here: the cloud's SDK would make every other command slow to start.
        const settings = readWorkerSettings(context.environment, globalFlags(command));
        const { runWorker } = await import('../../worker/run-worker.js');
        const { createLogger } = await import('../../shared/logger.js');
        const logger = createLogger({ level: settings.logLevel, name: 'tat-cancel-worker' });
        try {
          await runWorker(settings, logger, context.trapSignals());
        } catch (error) {
          throw asUsageError(error, settings);
        }
        return exitCodes.done;
      }),
    );
}

/** The one port that a worker opens is that of its metrics. */
function asUsageError(error: unknown, { host, metricsPort }: WorkerSettings): unknown {
  const { code, syscall } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') return error;
  return new UsageError(
    `The metrics cannot be served on ${host}, port ${metricsPort} (${code}): see HOST and METRICS_PORT.`,
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
