import type { Command } from 'commander';
import {
  type Environment,
  readSettings,
  type SettingKey,
  type Settings,
} from '../../shared/settings/index.js';
import { globalFlags } from '../cli-settings.js';

const doctorSettingKeys = [
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

/** Those of a worker, as far as they are looked at. That a credential is missing is for a check to say. */
export type DoctorSettings = Settings<(typeof doctorSettingKeys)[number]>;

/** @throws {SettingsError} with every problem */
export function readDoctorSettings(
  environment: Environment,
  command: Command,
  flags: { region?: string | undefined } = {},
): DoctorSettings {
  return readSettings(doctorSettingKeys, environment, { flags: { ...globalFlags(command), ...flags } });
}
