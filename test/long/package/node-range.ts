import { readFileSync } from 'node:fs';
import { minVersion, satisfies } from 'semver';

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly engines?: { readonly node?: string }; readonly dev?: boolean }>
  >;
}

/** The oldest Node.js that package.json says is enough. */
export function oldestNode(): string {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
  const oldest = minVersion(engines.node);
  if (oldest === null) throw new Error(`no version is in ${engines.node}`);
  return oldest.version;
}

/** Packages of a lock file that want a newer Node.js than the oldest one; those for development alone do not count. */
export function findNewerNodes(lockFile: string): string[] {
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8')) as Lock;
  return Object.entries(packages)
    .filter(([, { dev, engines }]) => dev !== true && !satisfies(oldestNode(), engines?.node ?? '*'))
    .map(([path, { engines }]) => `${path} wants Node ${engines?.node}`);
}
