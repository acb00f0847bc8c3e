import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { it } from '../../support/installed-test.js';
import { addTargets } from '../../support/request-truth.js';
import { compileService } from './compile-service.js';
import { measureImport } from './loaded-packages.js';
import { PackedProject } from './packed-project.js';

const run = promisify(execFile);
const sources = ['service.ts', 'misuse.ts'];

let project: PackedProject;

beforeAll(async () => {
  await run(process.execPath, ['script/build-client.mjs']);
  project = await PackedProject.create('build/client');
  for (const name of sources) {
    const source = readFileSync(`test/long/package/project/${name}`, 'utf8');
    project.write(name, source.replaceAll("'tat-cancel'", "'tat-cancel-client'"));
  }
}, 60_000);

afterAll(() => project?.remove());

describe('the light client, installed in an empty project', { timeout: 60_000 }, () => {
  it('enqueues and follows a request from a strict TypeScript service', async ({ install }) => {
    const installation = await install();
    const { prefix, redisUrl } = installation;
    const [target] = addTargets(installation, 1, 3);
    await compileService(project, sources, ['node16', 'node16'], { outDir: 'built' });
    const output = await project.run(process.execPath, ['built/service.js', target?.invocationId ?? ''], {
      REDIS_URL: redisUrl,
      QUEUE_PREFIX: prefix,
    });
    expect(JSON.parse(output)).toMatchObject({ waiting: 0, terminated: 3 });
  });

  it('has types that hold for bundlers, those of its libraries included', async () => {
    await compileService(project, sources, ['esnext', 'bundler'], { noEmit: true });
  });

  it('can be imported from CommonJS', async () => {
    const script = "import('tat-cancel-client').then((it) => console.log(typeof it.CancelProducer.connect))";
    expect(await project.run(process.execPath, ['--input-type=commonjs', '--eval', script])).toBe(
      'function\n',
    );
  });

  it('is the same code as the library of the whole package, with three dependencies', async () => {
    const manifest = JSON.parse(readFileSync('build/client/package.json', 'utf8'));
    const whole = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(manifest.version).toBe(whole.version);
    expect(Object.keys(manifest.dependencies)).toEqual(['bullmq', 'ioredis', 'zod']);
    expect(whole.dependencies).toMatchObject(manifest.dependencies);
    for (const { path } of project.files.filter(({ path }) => path.startsWith('dist/'))) {
      expect(readFileSync(resolve('build/client', path)).equals(readFileSync(path)), path).toBe(true);
    }
    expect(project.files.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(2 ** 20);
  });

  it('loads Redis and schemas, and nothing else that takes time', async () => {
    const { packages, ownFolders } = await measureImport(project, 'tat-cancel-client');
    expect(ownFolders).toEqual(['producer', 'shared']);
    expect(packages).toEqual(expect.arrayContaining(['ioredis', 'zod']));
    expect(packages).not.toContain('bullmq');
  });
});
