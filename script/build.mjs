// Builds dist/ from src/: compiled modules, and the Lua scripts beside the modules that load them. Modules whose source is
// gone are removed one by one, so that a process which runs from dist/ meanwhile is not disturbed.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));
const startedAt = new Date();

const compiler = spawnSync(
  process.execPath,
  [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);

const built = new Set();
for (const file of filesIn('src')) {
  const moduleName = file.match(/^(.*)\.tsx?$/)?.[1];
  if (moduleName !== undefined) {
    for (const extension of ['.js', '.js.map', '.d.ts']) built.add(moduleName + extension);
  } else if (file.endsWith('.lua')) {
    built.add(file);
    mkdirSync(join('dist', dirname(file)), { recursive: true });
    copyFileSync(join('src', file), join('dist', file));
  }
}
for (const file of filesIn('dist')) {
  if (/\.(js|js\.map|d\.ts|lua)$/.test(file) && !built.has(file)) rmSync(join('dist', file));
}

const command = join('dist', 'cli', 'main.js');
if (existsSync(command)) chmodSync(command, 0o755);

if (compiler.status === 0) {
  // The stamp bears the time the build began: a source that changed since then is newer than it.
  writeFileSync(join('dist', '.built'), '');
  utimesSync(join('dist', '.built'), startedAt, startedAt);
}
process.exitCode = compiler.status ?? 1;

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
