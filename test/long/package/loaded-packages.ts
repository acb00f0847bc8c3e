import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PackedProject } from './packed-project.js';

export interface ImportCost {
  /** Names of the packages that were loaded, the project's own excepted. */
  readonly packages: string[];
  /** Folders of the package itself that were loaded from, as `producer`. */
  readonly ownFolders: string[];
  readonly milliseconds: number;
  /** What the import added to the resident memory. */
  readonly mebibytes: number;
}

const measure = (name: string) => `
  const before = process.memoryUsage.rss();
  const startedAt = performance.now();
  await import('${name}');
  const milliseconds = performance.now() - startedAt;
  process.stdout.write(JSON.stringify({ milliseconds, mebibytes: (process.memoryUsage.rss() - before) / 2 ** 20 }));
`;

/** What importing the package costs a service: V8 itself tells which scripts it compiled, required ones included. */
export async function measureImport(project: PackedProject, name = 'tat-cancel'): Promise<ImportCost> {
  const args = ['--input-type=module', '--eval', measure(name)];
  const cost = JSON.parse(await project.run(process.execPath, args)) as Omit<
    ImportCost,
    'packages' | 'ownFolders'
  >;
  const directory = mkdtempSync(join(tmpdir(), 'tat-cancel-coverage-'));
  try {
    await project.run(process.execPath, args, { NODE_V8_COVERAGE: directory });
    const urls = readdirSync(directory).flatMap((file) => readUrls(join(directory, file)));
    return {
      ...cost,
      packages: distinct(urls.map(packageOf)).filter((each) => each !== name),
      ownFolders: distinct(urls.map((url) => url.match(/\/tat-cancel(?:-client)?\/dist\/([^/]+)\//)?.[1])),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function readUrls(file: string): string[] {
  const report = JSON.parse(readFileSync(file, 'utf8')) as { result: { url: string }[] };
  return report.result.map(({ url }) => url);
}

function packageOf(url: string): string | undefined {
  return [...url.matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)].at(-1)?.[1];
}

function distinct(names: readonly (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
