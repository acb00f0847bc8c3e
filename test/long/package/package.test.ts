import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { findLinks } from '../../docs/doc-blocks.js';
import { it } from '../../support/installed-test.js';
import { addTargets } from '../../support/request-truth.js';
import { compileService } from './compile-service.js';
import { measureImport } from './loaded-packages.js';
import { findNewerNodes } from './node-range.js';
import { PackedProject } from './packed-project.js';

const tool = (path: string) => resolve('node_modules', path);
const sourceOf = (name: string) => readFileSync(`test/long/package/project/${name}`, 'utf8');
const service = sourceOf('service.ts');

let project: PackedProject;

beforeAll(async () => {
  project = await PackedProject.create();
  for (const name of ['service.ts', 'misuse.ts']) project.write(name, sourceOf(name));
});

afterAll(() => project?.remove());

describe('the packed package, installed in an empty project', { timeout: 60_000 }, () => {
  it('lets a strict TypeScript service enqueue and follow a request in ten lines', async ({ install }) => {
    const installation = await install();
    const { prefix, redisUrl } = installation;
    const [target] = addTargets(installation, 1, 3);
    expect(service.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
    await compile('node16', 'node16', { outDir: 'built' });
    const output = await project.run(process.execPath, ['built/service.js', target?.invocationId ?? ''], {
      REDIS_URL: redisUrl,
      QUEUE_PREFIX: prefix,
    });
    expect(JSON.parse(output)).toMatchObject({ waiting: 0, terminated: 3 });
  });

  it.for([
    ['node16', 'node16'],
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const)(
    'has types that hold under module %s, resolved as %s, those of its libraries included',
    async ([module, moduleResolution]) => {
      await compile(module, moduleResolution, { noEmit: true });
    },
  );

  it('can be required from CommonJS', async () => {
    const script = "process.stdout.write(typeof require('tat-cancel').CancelProducer.connect)";
    expect(await project.run(process.execPath, ['--input-type=commonjs', '--eval', script])).toBe('function');
  });

  it('loads Redis and schemas into a service, the queue once there is a request, and nothing of worker, server or page', async () => {
    const cost = await measureImport(project);
    expect(cost.ownFolders).toEqual(['producer', 'shared']);
    expect(cost.packages).toEqual(expect.arrayContaining(['ioredis', 'zod']));
    const forbidden =
      /bullmq|tencentcloud|fastify|react|bull-board|prom-client|bottleneck|commander|pino|otel|opentelemetry/;
    expect(cost.packages.filter((name) => forbidden.test(name))).toEqual([]);
    expect(cost.mebibytes).toBeLessThan(80);
  });

  it('gives the command tat-cancel, which starts with the packages that are declared', async () => {
    const command = 'node_modules/.bin/tat-cancel';
    expect(await project.run(command, ['--version'])).toMatch(/^\d+\.\d+\.\d+\n$/);
    const help = await project.run(command, ['--help']);
    const names = [...help.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name ?? '');
    expect(names).toEqual(expect.arrayContaining(['cancel', 'worker', 'serve', 'simulator']));
    const modules = ['worker/run-worker', 'server/run-server', 'simulator/index', 'cli/run-cli'];
    const script = modules.map((module) => `await import('./node_modules/tat-cancel/dist/${module}.js');`);
    await project.run(process.execPath, ['--input-type=module', '--eval', script.join('')]);
  });

  it('holds what is run and read, and neither tests nor maps to sources that are not there', () => {
    const paths = project.files.map(({ path }) => path);
    const kinds = new Set(paths.map((path) => path.split('/')[0]));
    expect([...kinds].sort()).toEqual([
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'deploy',
      'dist',
      'docs',
      'package.json',
    ]);
    expect(paths.filter((path) => /\.map$|\.test\.|\.tsx?$(?<!\.d\.ts)|\.built$|\.png$/.test(path))).toEqual(
      [],
    );
    expect(paths).toContain('dist/dashboard/index.html');
    expect(paths).toContain('dist/shared/ledger/settle.lua');
    const dangling = paths
      .filter((path) => path.endsWith('.js') && path.startsWith('dist/'))
      .filter((path) =>
        readFileSync(resolve(project.directory, 'node_modules/tat-cancel', path), 'utf8').includes(
          '//# sourceMappingURL',
        ),
      );
    expect(dangling).toEqual([]);
    expect(project.files.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(4 * 2 ** 20);
  });

  it('needs nothing that wants a newer Node.js than it says, and no pin that stays behind in this repository', () => {
    expect(findNewerNodes('package-lock.json')).toEqual([]);
    // npm reads them in the root project only, so that a caller's installation would differ from the one tested here.
    expect(JSON.parse(readFileSync('package.json', 'utf8'))).not.toHaveProperty('overrides');
  });

  it('has what its README links to, pictures excepted', () => {
    const paths = project.files.map(({ path }) => path);
    const targets = findLinks('README.md').filter((target) => !target.endsWith('.png'));
    expect(targets.length).toBeGreaterThan(10);
    const isThere = (target: string) =>
      paths.some((path) => path === target || path.startsWith(`${target}/`));
    expect(targets.filter((target) => !isThere(target))).toEqual([]);
  });

  it('passes publint and are-the-types-wrong', async () => {
    const verdict = await project.run(process.execPath, [
      tool('publint/src/cli.js'),
      'run',
      '--strict',
      project.tarball,
    ]);
    expect(verdict).toContain('All good');
    await project.run(process.execPath, [
      tool('@arethetypeswrong/cli/dist/index.js'),
      '--profile',
      'esm-only',
      project.tarball,
    ]);
  });
});

async function compile(
  module: string,
  moduleResolution: string,
  output: { noEmit: true } | { outDir: string },
): Promise<void> {
  await compileService(project, ['service.ts', 'misuse.ts'], [module, moduleResolution], output);
}
