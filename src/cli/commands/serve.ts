import type { Command } from 'commander';
import { readServerSettings, serverSettingKeys } from '../../server/server-settings.js';
import { type SettingDefinition, settingDefinitions } from '../../shared/settings/index.js';
import type { CliContext } from '../cli-context.js';
import { UsageError } from '../cli-errors.js';
import { exitCodes } from '../exit-code.js';
import { globalFlags } from '../global-options.js';
import { formatTable } from '../text-format.js';

interface ServeOptions {
  readonly host?: string;
  readonly port?: string;
}

/** `tat-cancel serve`: the HTTP interface and the operator page, until it is told to stop. */
export function addServeCommand(parent: Command, context: CliContext): void {
  parent
    .command('serve')
    .option('--host <address>', 'where to listen (HOST; default 127.0.0.1)')
    .option('--port <port>', 'where to listen (PORT; default 8080)')
    .addHelpText('after', () => closingHelp())
    .action(
      context.action(async ({ host, port }: ServeOptions, command: Command) => {
        const settings = readServerSettings(context.environment, {
          ...globalFlags(command),
          ...(host === undefined ? {} : { host }),
          ...(port === undefined ? {} : { port }),
        });
        // Loaded here: the web framework would make every other command slow to start.
        const { runServer } = await import('../../server/run-server.js');
        const { createLogger } = await import('../../shared/logger.js');
        const logger = createLogger({ level: settings.logLevel, name: 'tat-cancel-server' });
        try {
          await runServer({ settings, logger }, context.trapSignals());
        } catch (error) {
          throw asUsageError(error, settings.host);
        }
        return exitCodes.done;
      }),
    );
}

function asUsageError(error: unknown, host: string): unknown {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === 'EADDRINUSE') {
    return new UsageError(`A port on ${host} is taken: choose others with --port (PORT) and METRICS_PORT.`);
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new UsageError(`The server cannot listen on ${host} (${code}): see HOST, PORT and METRICS_PORT.`);
  }
  return error;
}

function closingHelp(): string {
  const rows = serverSettingKeys.map((key) => {
    const definition: SettingDefinition = settingDefinitions[key];
    return [`  ${definition.name}`, definition.default ?? ''];
  });
  return `
Settings come from the environment; name and default:
${formatTable(rows)}

Without AUTH_TOKENS it listens on a loopback address only, and whoever is on this machine may operate.

Examples:
  $ tat-cancel serve
  $ HOST=0.0.0.0 AUTH_TOKENS=ann:operate:$(openssl rand -hex 24) tat-cancel serve`;
}
