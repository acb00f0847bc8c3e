import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const run = promisify(execFile);

// They ask the package registry for everything, which takes its time and may be out of reach.
describe.runIf(process.env.FULL_LENGTH_TESTS === '1')(
  'with the registry at hand',
  { timeout: 300_000 },
  () => {
    let directory: string;

    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'tat-cancel-registry-'));
    });

    afterEach(() => rmSync(directory, { recursive: true, force: true }));

    it('the package is installed into an empty project as a stranger would, and its command and server start', async () => {
      const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', directory]);
      const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
      const project = join(directory, 'project');
      cpSync('test/package/project', project, { recursive: true });
      writeFileSync(join(project, 'package.json'), '{"type":"module","private":true}\n');
      await run(
        'npm',
        ['install', '--ignore-scripts', '--no-audit', '--no-fund', join(directory, filename)],
        {
          cwd: project,
        },
      );
      const version = await run('npx', ['--no-install', 'tat-cancel', '--version'], { cwd: project });
      expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
      // Pins of ours hold for this repository only: what a stranger gets must go together all the same.
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
  },
);
