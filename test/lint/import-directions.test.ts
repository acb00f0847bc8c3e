import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Snippet {
  /** What the snippet does, as part of a sentence. */
  readonly does: string;
  readonly path: string;
  readonly code: string;
  /** The rule that must complain; without one, none may. */
  readonly rule?: string;
}

const directions = 'lint/style/noRestrictedImports';

/** Which folder of src/ may import which other. */
const mayImport: Record<string, readonly string[]> = {
  shared: [],
  producer: ['shared'],
  cloud: ['shared'],
  simulator: ['shared'],
  worker: ['shared', 'cloud'],
  server: ['shared', 'producer', 'cloud'],
  dashboard: ['shared', 'producer'],
  cli: ['shared', 'producer', 'cloud', 'simulator', 'worker', 'server', 'dashboard'],
};

function directionSnippets(): Snippet[] {
  const folders = Object.keys(mayImport);
  return folders.flatMap((from) =>
    folders
      .filter((to) => to !== from)
      .map((to) => {
        const isAllowed = mayImport[from]?.includes(to) ?? false;
        return {
          does: `src/${from} imports src/${to}`,
          path: `src/${from}/imports-${to}.ts`,
          code: `export { thing } from '../${to}/deep/thing.js';\n`,
          ...(isAllowed ? {} : { rule: directions }),
        };
      }),
  );
}

const controlFlowErrors = [
  'DelayedError',
  'WaitingError',
  'WaitingChildrenError',
  'RateLimitError',
  'UnrecoverableError',
];

const snippets: readonly Snippet[] = [
  ...directionSnippets(),
  {
    does: 'a nested module of src/worker imports the producer',
    path: 'src/worker/nested/deep.ts',
    code: "import type { Thing } from '../../producer/thing.js';\nexport type Other = Thing;\n",
    rule: directions,
  },
  {
    does: 'src/shared imports a sibling dynamically',
    path: 'src/shared/dynamic.ts',
    code: "export const thing = await import('../worker/thing.js');\n",
    rule: directions,
  },
  {
    does: 'src/shared imports a sibling in the place of a type',
    path: 'src/shared/import-type.ts',
    code: "export type Thing = import('../worker/thing.js').Thing;\n",
    rule: 'plugin',
  },
  {
    does: 'src imports from test',
    path: 'src/worker/from-test.ts',
    code: "export { freePort } from '../../test/support/free-port.js';\n",
    rule: directions,
  },
  {
    does: 'src/cloud imports the whole SDK',
    path: 'src/cloud/whole-sdk.ts',
    code: "export { tat } from 'tencentcloud-sdk-nodejs';\n",
    rule: directions,
  },
  ...controlFlowErrors.map((name) => ({
    does: `src/worker imports ${name}`,
    path: `src/worker/imports-${name.toLowerCase()}.ts`,
    code: `import { type Job, ${name} } from 'bullmq';\nexport const thing = (job: Job) => new ${name}(job.name);\n`,
    rule: 'plugin',
  })),
  {
    does: 'src/worker imports a control-flow error under another name',
    path: 'src/worker/renamed.ts',
    code: "import { DelayedError as Postponed } from 'bullmq';\nexport const thing = new Postponed();\n",
    rule: 'plugin',
  },
  {
    does: 'src/cli imports the whole of BullMQ',
    path: 'src/cli/namespace.ts',
    code: "import * as bullmq from 'bullmq';\nexport const thing = new bullmq.DelayedError();\n",
    rule: 'plugin',
  },
  {
    does: 'src/worker/dispatch/finish-job.ts imports DelayedError',
    path: 'src/worker/dispatch/finish-job.ts',
    code: "import { DelayedError } from 'bullmq';\nexport const thing = new DelayedError();\n",
  },
  {
    does: 'two modules import each other',
    path: 'src/worker/circle-one.ts',
    code: "import { two } from './circle-two.js';\nexport const one = (): unknown => two;\n",
    rule: 'lint/suspicious/noImportCycles',
  },
  {
    does: 'the other of two modules imports the first',
    path: 'src/worker/circle-two.ts',
    code: "import { one } from './circle-one.js';\nexport const two = (): unknown => one;\n",
    rule: 'lint/suspicious/noImportCycles',
  },
  {
    does: 'a file has 401 lines',
    path: 'src/worker/long-file.ts',
    code: `${Array.from({ length: 401 }, (_, line) => `export const value${line} = ${line};`).join('\n')}\n`,
    rule: 'lint/style/noExcessiveLinesPerFile',
  },
  {
    does: 'a function has more than 60 lines',
    path: 'src/worker/long-function.ts',
    code: `export function long(values: number[]) {\n${'  values.push(1);\n'.repeat(61)}}\n`,
    rule: 'lint/complexity/noExcessiveLinesPerFunction',
  },
  {
    does: 'a test waits with setTimeout',
    path: 'test/waits.test.ts',
    code: 'await new Promise((resolve) => setTimeout(resolve, 5));\n',
    rule: 'lint/style/noRestrictedGlobals',
  },
  {
    does: 'a test imports a timer to sleep with',
    path: 'test/sleeps.test.ts',
    code: "import { setTimeout as sleep } from 'node:timers/promises';\n\nawait sleep(5);\n",
    rule: directions,
  },
  {
    does: 'a promise is left alone',
    path: 'src/worker/floating.ts',
    code: 'export function start(): void {\n  Promise.resolve(1);\n}\n',
    rule: 'lint/nursery/noFloatingPromises',
  },
];

const complaints = new Map<string, Set<string>>();
const directory = mkdtempSync(join(tmpdir(), 'tat-cancel-lint-'));

beforeAll(async () => {
  cpSync(join(root, 'biome.json'), join(directory, 'biome.json'));
  cpSync(join(root, 'script/lint'), join(directory, 'script/lint'), { recursive: true });
  for (const { path, code } of snippets) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), code);
  }
  for (const [path, rule] of await lint()) {
    const rules = complaints.get(path) ?? new Set();
    complaints.set(path, rules.add(rule));
  }
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The pairs of file and rule that biome complains of. */
async function lint(): Promise<[path: string, rule: string][]> {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const options = [
    '--vcs-enabled=false',
    '--reporter=github',
    '--max-diagnostics=none',
    '--error-on-warnings',
  ];
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [biome, 'lint', ...options, '.'], { cwd: directory }, (_error, stdout) =>
      resolve(stdout),
    );
  });
  return [...output.matchAll(/^::error title=([^,]+),file=([^,]+),/gm)].map(([, rule = '', file = '']) => [
    file.slice(file.indexOf(directory) + directory.length + 1),
    rule,
  ]);
}

describe('lint', () => {
  it.each(snippets.filter(({ rule }) => rule !== undefined))('complains when $does', ({ path, rule }) => {
    expect([...(complaints.get(path) ?? [])]).toContain(rule);
  });

  it.each(snippets.filter(({ rule }) => rule === undefined))('accepts that $does', ({ path }) => {
    expect([...(complaints.get(path) ?? [])]).toEqual([]);
  });
});
