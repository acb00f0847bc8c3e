import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** One line that says why dist/ is not what src/ says now, for tests that start the built command. */
export function findBuildProblem(): string | undefined {
  const builtAtMs = statSync(join(root, 'dist/.built'), { throwIfNoEntry: false })?.mtimeMs;
  if (builtAtMs === undefined) return 'dist/ is not there: run `npm run build`, or script/test, which builds';
  const changed = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .find((file) => statSync(file).mtimeMs > builtAtMs);
  if (changed === undefined) return undefined;
  return `dist/ is older than ${changed.slice(root.length)}: run \`npm run build\`, or script/test, which builds`;
}
