import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<string, LockEntry>;
};
const entries = Object.entries(lock.packages).filter(([path, { link }]) => path !== '' && link !== true);
const nameOf = (path: string) => path.split('node_modules/').at(-1);

/** Looked at one by one: none of them is run (`ignore-scripts`), and nothing here needs what they would do. */
const knownInstallScripts = ['cpu-features', 'esbuild', 'msgpackr-extract', 'protobufjs', 'ssh2'];

describe('the packages that this is made of', () => {
  it('are locked with the hash of their content, each of them, for every kind of machine', () => {
    const unlocked = entries.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''));
    expect(unlocked.map(([path]) => path)).toEqual([]);
  });

  it('come from whichever registry npm is told to use', () => {
    expect(entries.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  it('run no script when they are installed, and none has got one that nobody has looked at', () => {
    expect(readFileSync('.npmrc', 'utf8').split('\n')).toContain('ignore-scripts=true');
    const withScripts = entries
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => nameOf(path));
    expect([...new Set(withScripts)].sort()).toEqual(knownInstallScripts);
  });

  it('leave compilers and tests out of the image', () => {
    const dockerfile = readFileSync('Dockerfile', 'utf8');
    expect(dockerfile).toContain('npm ci --omit=dev --omit=optional --ignore-scripts');
    const installed = entries
      .filter(([, { dev, devOptional, optional }]) => !(dev || devOptional || optional))
      .map(([path]) => nameOf(path));
    expect(installed.length).toBeGreaterThan(50);
    for (const tool of ['typescript', 'vite', 'vitest', 'esbuild', 'playwright-core', '@biomejs/biome']) {
      expect(installed).not.toContain(tool);
    }
  });
});
