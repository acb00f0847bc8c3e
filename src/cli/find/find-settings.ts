import type { Command } from 'commander';
import {
  type Environment,
  readSettings,
  type SettingKey,
  type Settings,
} from '../../shared/settings/index.js';
import { findCredentialProblems } from '../../worker/worker-settings.js';
import { callerSettingKeys } from '../cli-settings.js';
import { globalFlags } from '../global-options.js';

const findSettingKeys = [
  ...callerSettingKeys,
  'tracing',
  'callTimeoutMs',
] as const satisfies readonly SettingKey[];

export type FindSettings = Settings<(typeof findSettingKeys)[number]> & { readonly region: string };

/** @throws {SettingsError} with every problem, a missing credential and a missing region among them */
export function readFindSettings(
  environment: Environment,
  command: Command,
  flags: { region?: string | undefined },
): FindSettings {
  const settings = readSettings(findSettingKeys, environment, {
    flags: { ...globalFlags(command), ...flags },
    check: (read) => [
      ...(read.region === undefined && flags.region === undefined && !namesRegion(environment)
        ? [
            {
              path: 'TENCENTCLOUD_REGION',
              message: 'is missing: give --region or set it, to say where to look',
            },
          ]
        : []),
      ...findCredentialProblems(read, environment),
    ],
  });
  return settings as FindSettings; // without a region it has thrown
}

/** A region that is set badly is a problem of its own, and not missing. */
function namesRegion(environment: Environment): boolean {
  return ['TENCENTCLOUD_REGION', 'TAT_CANCEL_TENCENTCLOUD_REGION'].some(
    (name) => (environment[name] ?? '') !== '',
  );
}
