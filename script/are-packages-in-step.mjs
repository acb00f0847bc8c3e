// Exits 0 when node_modules holds what package-lock.json asks for. npm notes what it installed in a lock file of its own,
// written last, so an installation that was broken off does not count.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return undefined; // not there, or half written
  }
}

const wanted = packagesOf('package-lock.json');
const installed = packagesOf('node_modules/.package-lock.json');

function isInStep([path, { version, integrity, optional }]) {
  if (path === '') return true;
  const found = installed[path];
  // Optional packages are for one kind of machine each.
  if (found === undefined) return optional === true;
  return found.version === version && found.integrity === integrity;
}

const isAllInStep = wanted !== undefined && installed !== undefined && Object.entries(wanted).every(isInStep);
process.exitCode = isAllInStep ? 0 : 1;
