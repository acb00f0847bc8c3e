import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findNewerNodes } from './node-range.js';

const run = promisify(execFile);

// They ask the package registry for everything, which may be out of reach.
const registryAnswers = await run('npm', ['ping'], { timeout: 10_000 }).then(
  () => true,
  () => false,
);
if (!registryAnswers)
  process.stderr.write('Installation from the registry is not tried: it does not answer\n');

describe.runIf(registryAnswers)('with the registry at hand', { timeout: 300_000 }, () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tat-cancel-registry-'));
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('the package is installed into an empty project as a stranger would, and its command and server start', async () => {
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', directory]);
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    const project = join(directory, 'project');
    cpSync('test/long/package/project', project, { recursive: true });
    writeFileSync(join(project, 'package.json'), '{"type":"module","private":true}\n');
    const flags = ['--engine-strict', '--ignore-scripts', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...flags, join(directory, filename)], { cwd: project });
    // --engine-strict speaks of the Node.js that runs the tests, and the package promises more than that.
    expect(findNewerNodes(join(project, 'package-lock.json'))).toEqual([]);
    const version = await run('npx', ['--no-install', 'tat-cancel', '--version'], { cwd: project });
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const modules = ['server/run-server', 'worker/run-worker', 'simulator/index'];
    const script = modules.map((name) => `await import('./node_modules/tat-cancel/dist/${name}.js');`);
    await run(process.execPath, ['--input-type=module', '--eval', script.join('')], { cwd: project });
  });

  it('npm ci installs from the lock file alone, without running any script', async () => {
    for (const name of ['package.json', 'package-lock.json', '.npmrc']) cpSync(name, join(directory, name));
    await run('npm', ['ci', '--ignore-scripts', '--omit=dev'], { cwd: directory });
    const { stdout } = await run('npm', ['ls', '--omit=dev', '--json'], { cwd: directory });
    expect(JSON.parse(stdout)).toMatchObject({ name: 'tat-cancel' });
    expect(JSON.parse(stdout).problems).toBeUndefined();
  });
});
