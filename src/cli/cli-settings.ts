import type { Command } from 'commander';
import { type Environment, readSettings, type SettingKey, type Settings } from '../shared/settings/index.js';
import { globalFlags } from './global-options.js';

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
