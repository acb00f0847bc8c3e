import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  canRun,
  findStrayNames,
  isSecret,
  type Role,
  readAs,
  readEnvironmentFile,
} from './deployment-files.js';

const folder = 'deploy/systemd';
const units = [
  ['tat-cancel-worker.service', 'worker', 'worker.env'],
  ['tat-cancel-server.service', 'serve', 'server.env'],
] as const satisfies readonly (readonly [string, Role, string])[];
const common = readEnvironmentFile(`${folder}/common.env`);

function directivesOf(unit: string): Map<string, string[]> {
  const directives = new Map<string, string[]>();
  for (const [, name = '', value = ''] of readFileSync(`${folder}/${unit}`, 'utf8').matchAll(
    /^(\w+)=(.*)$/gm,
  )) {
    directives.set(name, [...(directives.get(name) ?? []), value]);
  }
  return directives;
}

describe('the systemd units', () => {
  it.each(units)('%s runs its command without rights and lets it finish', (unit, role, file) => {
    const directives = directivesOf(unit);
    const one = (name: string) => directives.get(name)?.[0];
    expect(one('ExecStart')).toBe(`/usr/bin/env tat-cancel ${role}`);
    expect(directives.get('EnvironmentFile')).toEqual([
      '/etc/tat-cancel/common.env',
      `/etc/tat-cancel/${file}`,
    ]);
    expect(one('CapabilityBoundingSet')).toBe('');
    const demanded = ['DynamicUser', 'NoNewPrivileges', 'PrivateTmp', 'PrivateDevices', 'RestrictNamespaces'];
    for (const name of demanded) expect(one(name)).toBe('yes');
    expect(one('ProtectSystem')).toBe('strict');
    const { shutdownGraceMs } = readAs(role, { ...common, ...readEnvironmentFile(`${folder}/${file}`) });
    expect(Number(one('TimeoutStopSec')) * 1_000).toBeGreaterThan(shutdownGraceMs);
  });

  it.each(units)('%s gets settings that it knows, and no secret is written down', (_unit, role, file) => {
    const own = readEnvironmentFile(`${folder}/${file}`);
    expect(findStrayNames(role, own)).toEqual([]);
    expect(findStrayNames(role, common, ['TENCENTCLOUD_REGION'])).toEqual([]);
    const secrets = Object.entries(own).filter(([name]) => isSecret(name));
    expect(secrets.length).toBeGreaterThan(1);
    expect(secrets.filter(([, value]) => value !== '')).toEqual([]);
  });

  it.runIf(canRun('systemd-analyze', '--version')).each(units)('%s is understood by systemd', (unit) => {
    const path = `./${folder}/${unit}`;
    expect(execFileSync('systemd-analyze', ['verify', path], { encoding: 'utf8' })).toBe('');
    const verdict = execFileSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', path], {
      encoding: 'utf8',
    });
    expect(verdict).toContain('Overall exposure level');
  });
});
