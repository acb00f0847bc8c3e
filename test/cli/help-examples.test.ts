import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';
import { ExampleScene } from '../support/example-scene.js';
import { allCommandPaths, examplesOf } from '../support/help-examples.js';

const paths = (await allCommandPaths()).map((path) => ({ name: ['tat-cancel', ...path].join(' '), path }));

/** Programs of others that examples pass output to. A bare machine lacks some, which is no fault of the example. */
const companions = ['curl', 'jq', 'openssl'];

function missingCompanion(line: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return companions.find(
    (name) =>
      new RegExp(`\\b${name} `).test(line) && !folders.some((folder) => existsSync(join(folder, name))),
  );
}

describe.concurrent('the examples of every help text', { timeout: 120_000 }, () => {
  for (const { name, path } of paths) {
    it(`work in a live installation: ${name}`, async ({ expect, onTestFinished }) => {
      const scene = await ExampleScene.start();
      onTestFinished(() => scene.close());
      for (const line of await examplesOf(path)) {
        const missing = missingCompanion(line);
        if (missing !== undefined) {
          process.stderr.write(`not run, because ${missing} is not installed: ${line}\n`);
          continue;
        }
        const { exitCode, output } = await scene.run(line);
        // A watch tells by its exit code that something could not be cancelled; a signal ends the rest in good order.
        const allowed = line.includes('--watch') ? [0, 1] : [0];
        expect(allowed, `${line}\n${output}`).toContain(exitCode);
        expect(output).not.toMatch(/\n\s+at .+:\d+:\d+/);
      }
    });
  }
});
