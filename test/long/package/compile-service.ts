import { resolve } from 'node:path';
import type { PackedProject } from './packed-project.js';

const compiler = resolve('node_modules/typescript/bin/tsc');

/** Compiles the project's files as a strict service would, those of its libraries' types included. */
export async function compileService(
  project: PackedProject,
  files: readonly string[],
  [module, moduleResolution]: readonly [string, string],
  output: { noEmit: true } | { outDir: string },
): Promise<void> {
  const compilerOptions = {
    ...output,
    module,
    moduleResolution,
    target: 'es2022',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    types: ['node'],
  };
  project.write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
  await project.run(process.execPath, [compiler, '-p', '.']);
}
