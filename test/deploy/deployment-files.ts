import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { readServerSettings, serverSettingKeys } from '../../src/server/server-settings.js';
import { type SettingDefinition, settingDefinitions } from '../../src/shared/settings/index.js';
import { readWorkerSettings, workerSettingKeys } from '../../src/worker/worker-settings.js';

// biome-ignore lint/suspicious/noExplicitAny: manifests of many kinds, looked into by path
export type Manifest = any;

export type Role = 'worker' | 'serve';

/** Variables that belong to others, beside our settings. */
const foreignNames = new Set(['NODE_ENV']);

/** What an operator would have entered where the files leave a gap. */
const filledIn: Readonly<Record<string, string>> = {
  REDIS_URL: 'redis://redis:6379',
  TENCENTCLOUD_SECRET_ID: 'an-id',
  TENCENTCLOUD_SECRET_KEY: 'a-key',
  AUTH_TOKENS: 'ann:operate:7d1f9ac2e6b40358',
  SESSION_SECRET: '0123456789abcdef0123456789abcdef',
  WEBHOOK_SECRET: '0123456789abcdef',
};

const keysOf = { worker: workerSettingKeys, serve: serverSettingKeys } as const;
const definitions: readonly SettingDefinition[] = Object.values(settingDefinitions);

export const packageVersion = (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string })
  .version;

export function readManifests(path: string): Manifest[] {
  return parseAllDocuments(readFileSync(path, 'utf8'), { merge: true }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  });
}

/** NAME=value lines, those behind a single # included. */
export function readEnvironmentFile(path: string): Record<string, string> {
  const lines = readFileSync(path, 'utf8').matchAll(/^#?([A-Z][A-Z0-9_]*)=(.*)$/gm);
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
}

/**
 * Names that mean nothing to the process, or that it keeps secret although their value is written out.
 * `shared` names may be of the other role, since one file serves both.
 */
export function findStrayNames(
  role: Role,
  environment: Readonly<Record<string, string | null>>,
  shared: readonly string[] = [],
): string[] {
  const known = new Set(keysOf[role].map((key) => settingDefinitions[key].name as string));
  const anywhere = new Set(definitions.map(({ name }) => name));
  return Object.keys(environment).filter(
    (name) => !known.has(name) && !foreignNames.has(name) && !(shared.includes(name) && anywhere.has(name)),
  );
}

export function isSecret(name: string): boolean {
  return definitions.some((definition) => definition.name === name && definition.secret === true);
}

/** Reads the settings as the process would, gaps filled in. Throws the process's own complaint. */
export function readAs(role: Role, environment: Readonly<Record<string, string | null>>) {
  const given = Object.entries(environment).map(([name, value]) => [name, value || filledIn[name]]);
  const complete = Object.fromEntries(given) as Record<string, string | undefined>;
  return role === 'worker' ? readWorkerSettings(complete) : readServerSettings(complete);
}

/** Whether a program is there to be asked; its absence is told once. */
export function canRun(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    process.stderr.write(`${program} ${args.join(' ')} fails here: what needs it is left out\n`);
    return false;
  }
}
