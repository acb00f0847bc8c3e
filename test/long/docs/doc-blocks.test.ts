import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { canRun } from '../../deploy/deployment-files.js';
import {
  type DocBlock,
  findLinks,
  findMissingLines,
  findPages,
  passiveLanguages,
  readBlocks,
  readSteps,
} from '../../docs/doc-blocks.js';
import { DocScene } from '../../docs/doc-scene.js';
import { PackedProject } from '../package/packed-project.js';

const blocks = findPages().flatMap(readBlocks);
const isFullLength = process.env.FULL_LENGTH_TESTS === '1';

function blocksIn(...languages: string[]): DocBlock[] {
  return blocks.filter(
    ({ language, excuse, isLong }) =>
      languages.includes(language) && excuse === undefined && (isFullLength || !isLong),
  );
}

/** Programs of others, which a bare machine may lack. */
const companions = ['curl', 'jq', 'openssl', 'python3', 'script'] as const;
const missing = companions.filter((name) => !canRun('sh', '-c', `command -v ${name}`));

function needsMissing(text: string): boolean {
  return missing.some((name) => new RegExp(`\\b${name}\\b`).test(text));
}

describe('the blocks of the documentation', () => {
  it('are in languages that this test knows what to do with', () => {
    const known = new Set([...passiveLanguages, 'console', 'sh', 'ts', 'python', 'json', 'yaml']);
    expect(blocks.filter(({ language }) => !known.has(language)).map(({ name }) => name)).toEqual([]);
    expect(blocks.length).toBeGreaterThan(20);
  });

  it('are excused only with a reason, and less often than they are run', () => {
    const excused = blocks.filter(({ excuse }) => excuse !== undefined);
    for (const { name, excuse } of excused) expect(excuse?.length, name).toBeGreaterThan(10);
    const active = blocks.filter(({ language }) => !passiveLanguages.has(language));
    expect(excused.length).toBeLessThan(active.length / 2);
  });

  it.each(blocksIn('json'))('are JSON that can be read: $name', ({ text }) => {
    expect(JSON.parse(text)).toBeTypeOf('object');
  });

  it.each(blocksIn('yaml'))('are YAML that can be read: $name', ({ text }) => {
    expect(parseYaml(text)).toBeTypeOf('object');
  });
});

describe.concurrent('the commands of the documentation', { timeout: 240_000 }, () => {
  for (const block of blocksIn('console', 'sh').filter(
    ({ text }) => !missing.includes('script') && !needsMissing(text),
  )) {
    it(`do as the page says: ${block.name}`, async ({ expect, onTestFinished }) => {
      const scene = await DocScene.start();
      onTestFinished(() => scene.close());
      const steps =
        block.language === 'console'
          ? readSteps(block.text)
          : [{ command: `set -euo pipefail\n${block.text}`, shown: [] }];
      for (const { command, shown } of steps) {
        const { exitCode, output } = await scene.run(command, block.isLong ? 180_000 : 30_000);
        // A watch tells by its exit code that something could not be cancelled.
        expect(command.includes('--watch') ? [0, 1] : [0], `${command}\n${output}`).toContain(exitCode);
        expect(findMissingLines(shown, output), `${command}\n${output}`).toEqual([]);
      }
    });
  }
});

describe('the programs of the documentation', { timeout: 120_000 }, () => {
  let project: PackedProject;
  let scene: DocScene;

  beforeAll(async () => {
    [project, scene] = await Promise.all([PackedProject.create(), DocScene.start()]);
  }, 60_000);

  afterAll(async () => {
    project?.remove();
    await scene?.close();
  });

  it('in TypeScript are right in strict mode, and run', async () => {
    const programs = blocksIn('ts').map(({ text }, number) => ({ file: `program-${number}`, text }));
    expect(programs.length).toBeGreaterThan(1);
    for (const { file, text } of programs) {
      const connected = text.replace('connect({', `connect({ queuePrefix: '${scene.prefix}',`);
      project.write(`${file}.ts`, scene.localise(connected));
    }
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      module: 'nodenext',
      target: 'es2022',
      types: ['node'],
      outDir: 'built',
    };
    project.write(
      'tsconfig.json',
      JSON.stringify({ compilerOptions, files: programs.map(({ file }) => `${file}.ts`) }),
    );
    await project.run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', '.']);
    for (const { file } of programs) await project.run(process.execPath, [`built/${file}.js`]);
  });

  it.runIf(!missing.includes('python3')).each(blocksIn('python'))(
    'in Python run: $name',
    async ({ text }) => {
      scene.writeProgram('program.py', text);
      const { exitCode, output } = await scene.run('python3 program.py');
      expect({ exitCode, output }).toMatchObject({
        exitCode: 0,
        output: expect.stringMatching(/^key-\w+\s*$/),
      });
    },
  );
});

it('leads to pages and files that are there', () => {
  const tracked = new Set(
    execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
      encoding: 'utf8',
    }).split('\n'),
  );
  const folders = new Set(
    [...tracked].flatMap((path) => path.split('/').map((_, depth, parts) => parts.slice(0, depth).join('/'))),
  );
  const dead = findPages().flatMap((page) =>
    findLinks(page)
      .filter((path) => !tracked.has(path) && !folders.has(path))
      .map((path) => `${page}: ${path}`),
  );
  expect(dead).toEqual([]);
});
