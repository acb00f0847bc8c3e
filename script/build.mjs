// Builds dist/ from src/: compiled modules, the Lua scripts beside the modules that load them, and the operator page, which
// is bundled into dist/dashboard. Modules whose source is gone are removed one by one, so that a process which runs from dist/ meanwhile is not disturbed.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));
const startedAt = new Date();

const compiler = spawnSync(
  process.execPath,
  [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);

const pageStatus = buildPage();

const built = new Set();
for (const file of filesIn('src')) {
  if (isPage(file)) continue;
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
  if (isPage(file)) continue;
  if (/\.(js|js\.map|d\.ts|lua)$/.test(file) && !built.has(file)) rmSync(join('dist', file));
}

const command = join('dist', 'cli', 'main.js');
if (existsSync(command)) chmodSync(command, 0o755);

if (compiler.status === 0 && pageStatus === 0) {
  // The stamp bears the time the build began: a source that changed since then is newer than it.
  writeFileSync(join('dist', '.built'), '');
  utimesSync(join('dist', '.built'), startedAt, startedAt);
}
process.exitCode = (compiler.status ?? 1) || (pageStatus ?? 1);

/** The operator page: Vite bundles it, and what it did not write this time goes. */
function buildPage() {
  const vite = spawnSync(
    process.execPath,
    [
      join('node_modules', 'vite', 'bin', 'vite.js'),
      'build',
      '--config',
      join('src', 'dashboard', 'vite.config.ts'),
      '--logLevel',
      'warn',
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  if (vite.status === 0) {
    for (const file of filesIn(join('dist', 'dashboard'))) {
      const path = join('dist', 'dashboard', file);
      if (statSync(path).mtimeMs < startedAt.getTime() - 1_000) rmSync(path);
      else if (/\.(js|css)$/.test(path)) compress(path);
    }
  }
  return vite.status;
}

/** The server hands these out in place of the plain file where the browser takes them. */
function compress(path) {
  const content = readFileSync(path);
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(content));
}

function isPage(file) {
  return file === 'dashboard' || file.startsWith(join('dashboard', '/'));
}

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
