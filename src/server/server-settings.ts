import { isIP } from 'node:net';
import type { Problem } from '../shared/errors.js';
import {
  type Environment,
  readSettings,
  type SettingKey,
  type Settings,
  settingPrefix,
} from '../shared/settings/index.js';

export const serverSettingKeys = [
  'redisUrl',
  'queuePrefix',
  'region',
  'callsPerSecond',
  'host',
  'port',
  'metricsPort',
  'authTokens',
  'sessionSecret',
  'publicUrl',
  'trustProxy',
  'trustedUserHeader',
  'trustedGroupsHeader',
  'trustedGroups',
  'requestsPerMinute',
  'webhookAllowPrivate',
  'tracing',
  'logLevel',
  'shutdownGraceMs',
] as const satisfies readonly SettingKey[];

type ServerSettingKey = (typeof serverSettingKeys)[number];

export type ServerSettings = Settings<ServerSettingKey>;

/** @throws {SettingsError} with every problem; an address that strangers reach without tokens is one. */
export function readServerSettings(
  environment: Environment,
  flags: Readonly<Partial<Record<ServerSettingKey, string>>> = {},
): ServerSettings {
  return readSettings(serverSettingKeys, environment, {
    flags,
    check: (settings) => findExposure(settings, environment),
  });
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function findExposure(settings: Partial<ServerSettings>, environment: Environment): Problem[] {
  const { host, port, metricsPort } = settings;
  const problems: Problem[] = [];
  // Tokens that are there and wrong have a complaint of their own.
  const hasTokens = [`${settingPrefix}AUTH_TOKENS`, 'AUTH_TOKENS'].some(
    (name) => (environment[name] ?? '') !== '',
  );
  const hasUsers = settings.trustedUserHeader !== undefined;
  problems.push(...findHalfTrust(settings));
  if (host !== undefined && !isLoopback(host) && !hasTokens && !hasUsers) {
    problems.push({
      path: 'AUTH_TOKENS',
      message: `is missing: with HOST=${host} others could stop commands on your machines; set it, or listen on 127.0.0.1`,
    });
  }
  if (metricsPort !== undefined && metricsPort !== 0 && metricsPort === port) {
    problems.push({ path: 'METRICS_PORT', message: 'must not be the same as PORT' });
  }
  return problems;
}

/** Users from a proxy take three settings; one that is forgotten must not be found out by those who are let in. */
function findHalfTrust(settings: Partial<ServerSettings>): Problem[] {
  const { trustedUserHeader, trustedGroupsHeader, trustedGroups, trustProxy } = settings;
  const isAsked = [trustedUserHeader, trustedGroupsHeader, trustedGroups].some((each) => each !== undefined);
  if (!isAsked) return [];
  const needed = {
    TRUST_PROXY: trustProxy,
    TRUSTED_USER_HEADER: trustedUserHeader,
    TRUSTED_GROUPS: trustedGroups,
  };
  return Object.entries(needed).flatMap(([path, value]) =>
    value === undefined
      ? [
          {
            path,
            message:
              'is missing: users from a proxy need TRUST_PROXY, TRUSTED_USER_HEADER and TRUSTED_GROUPS',
          },
        ]
      : [],
  );
}
