import type { Command } from 'commander';
import { type Environment, readSettings, type Settings } from '../../shared/settings/index.js';
import { callerSettingKeys } from '../cli-settings.js';
import { globalFlags } from '../global-options.js';

/** Those of a worker, as far as they are looked at. That a credential is missing is for a check to say. */
export type DoctorSettings = Settings<(typeof callerSettingKeys)[number]>;

/** @throws {SettingsError} with every problem */
export function readDoctorSettings(
  environment: Environment,
  command: Command,
  flags: { region?: string | undefined } = {},
): DoctorSettings {
  return readSettings(callerSettingKeys, environment, { flags: { ...globalFlags(command), ...flags } });
}
