import type { Command } from 'commander';
import { type Environment, readSettings, type SettingKey, type Settings } from '../shared/settings/index.js';

const cliSettingKeys = [
  'redisUrl',
  'queuePrefix',
  'region',
  'tracing',
  'logLevel',
] as const satisfies readonly SettingKey[];

/** What a command needs that asks the cloud itself. */
export const callerSettingKeys = [
  'redisUrl',
  'queuePrefix',
  'region',
  'logLevel',
  'secretId',
  'secretKey',
  'sessionToken',
  'credentialsFile',
  'cvmRole',
  'endpoint',
  'callsPerSecond',
] as const satisfies readonly SettingKey[];

export type CliSettings = Settings<(typeof cliSettingKeys)[number]>;

interface GlobalOptions {
  readonly redisUrl?: string;
  readonly queuePrefix?: string;
}

/** The options that every command takes, before or after its name. */
export function addGlobalOptions(program: Command): void {
  program
    .option('--redis-url <url>', 'where Redis is (REDIS_URL; default redis://127.0.0.1:6379)')
    .option('--queue-prefix <prefix>', 'start of every key in Redis (QUEUE_PREFIX; default {tat-cancel})');
}

/**
 * `flags` are options of the command itself that beat a setting, such as `--region`.
 * @throws {SettingsError} with every problem
 */
export function readCliSettings(
  environment: Environment,
  command: Command,
  flags: { region?: string | undefined } = {},
): CliSettings {
  return readSettings(cliSettingKeys, environment, { flags: { ...globalFlags(command), ...flags } });
}

/** What the global options say, by the name of the setting. They beat the environment. */
export function globalFlags(command: Command): { redisUrl?: string; queuePrefix?: string } {
  const { redisUrl, queuePrefix } = command.optsWithGlobals<GlobalOptions>();
  return {
    ...(redisUrl === undefined ? {} : { redisUrl }),
    ...(queuePrefix === undefined ? {} : { queuePrefix }),
  };
}
