import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const run = promisify(execFile);

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  version: string;
  scripts: Record<string, string>;
};

it('packing builds as a build does', () => {
  expect(manifest.scripts.prepack).toBe(manifest.scripts.build);
});

// A whole build, which has the processor for itself for half a minute.
it.runIf(process.env.FULL_LENGTH_TESTS === '1')(
  'packing a checkout that was never built builds it first',
  {
    timeout: 120_000,
  },
  async () => {
    const checkout = mkdtempSync(join(tmpdir(), 'tat-cancel-checkout-'));
    onTestFinished(() => rmSync(checkout, { recursive: true, force: true }));
    const sources = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'script', 'src', '.npmrc'];
    for (const name of sources) cpSync(name, join(checkout, name), { recursive: true });
    symlinkSync(resolve('node_modules'), join(checkout, 'node_modules'));
    await run('npm', ['pack', '--ignore-scripts=false', '--pack-destination', checkout], { cwd: checkout });
    const { stdout } = await run('tar', ['-tzf', join(checkout, `tat-cancel-${manifest.version}.tgz`)]);
    const paths = stdout.split('\n');
    expect(paths).toContain('package/dist/cli/main.js');
    expect(paths).toContain('package/dist/shared/ledger/settle.lua');
    expect(paths).toContain('package/dist/dashboard/index.html');
  },
);
