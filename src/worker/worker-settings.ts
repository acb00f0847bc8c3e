import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '../shared/errors.js';
import { type Environment, readSettings, type SettingKey, type Settings } from '../shared/settings/index.js';

export const workerSettingKeys = [
  'redisUrl',
  'queuePrefix',
  'secretId',
  'secretKey',
  'sessionToken',
  'credentialsFile',
  'cvmRole',
  'endpoint',
  'callsPerSecond',
  'concurrency',
  'callsInFlight',
  'wholeInvocationCalls',
  'attempts',
  'callTimeoutMs',
  'confirm',
  'retentionHours',
  'webhookSecret',
  'webhookPreviousSecret',
  'webhookAllowPrivate',
  'host',
  'metricsPort',
  'tracing',
  'logLevel',
  'shutdownGraceMs',
] as const satisfies readonly SettingKey[];

type WorkerSettingKey = (typeof workerSettingKeys)[number];

export type WorkerSettings = Settings<WorkerSettingKey>;

/** @throws {SettingsError} with every problem, a missing credential among them. */
export function readWorkerSettings(
  environment: Environment,
  flags: Readonly<Partial<Record<WorkerSettingKey, string>>> = {},
): WorkerSettings {
  return readSettings(workerSettingKeys, environment, {
    flags,
    check: (settings) => findCredentialProblems(settings, environment),
  });
}

type CredentialSettings = Pick<WorkerSettings, 'secretId' | 'secretKey' | 'credentialsFile'> &
  Partial<Pick<WorkerSettings, 'cvmRole'>>;

/** Says so when there is no key to sign calls with, or half of one. Looks for profile files, and calls nobody. */
export function findCredentialProblems(settings: CredentialSettings, environment: Environment): Problem[] {
  const { secretId, secretKey, credentialsFile, cvmRole } = settings;
  if (secretId !== undefined && secretKey === undefined) {
    return [
      {
        path: 'TENCENTCLOUD_SECRET_KEY',
        message: 'is missing: it goes together with TENCENTCLOUD_SECRET_ID',
      },
    ];
  }
  if (secretKey !== undefined && secretId === undefined) {
    return [
      {
        path: 'TENCENTCLOUD_SECRET_ID',
        message: 'is missing: it goes together with TENCENTCLOUD_SECRET_KEY',
      },
    ];
  }
  const hasSource =
    secretId !== undefined ||
    cvmRole === 'always' ||
    hasTkeIdentity(environment) ||
    profileFiles(credentialsFile).some((file) => existsSync(file));
  if (hasSource) return [];
  return [
    {
      path: 'TENCENTCLOUD_SECRET_ID',
      message: `is missing, and there is no other credential: set it and TENCENTCLOUD_SECRET_KEY, or write a profile file (${profileFiles(credentialsFile).join(' or ')}), or set TENCENTCLOUD_CVM_ROLE=always on a CVM machine that has a role`,
    },
  ];
}

function hasTkeIdentity(environment: Environment): boolean {
  return ['TKE_PROVIDER_ID', 'TKE_WEB_IDENTITY_TOKEN_FILE', 'TKE_ROLE_ARN'].every(
    (name) => (environment[name] ?? '') !== '',
  );
}

function profileFiles(credentialsFile: string | undefined): string[] {
  if (credentialsFile !== undefined) return [credentialsFile];
  return [join(homedir(), '.tencentcloud', 'credentials'), '/etc/tencentcloud/credentials'];
}
