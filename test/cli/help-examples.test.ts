import { describe, it } from 'vitest';
import { ExampleScene } from '../support/example-scene.js';
import { allCommandPaths, examplesOf } from '../support/help-examples.js';

const paths = allCommandPaths().map((path) => ({ name: ['tat-cancel', ...path].join(' '), path }));

describe.concurrent('the examples of every help text', { timeout: 120_000 }, () => {
  for (const { name, path } of paths) {
    it(`work in a live installation: ${name}`, async ({ expect, onTestFinished }) => {
      const scene = await ExampleScene.start();
      onTestFinished(() => scene.close());
      for (const line of await examplesOf(path)) {
        const { exitCode, output } = await scene.run(line);
        // A watch tells by its exit code that something could not be cancelled; a signal ends the rest in good order.
        const allowed = line.includes('--watch') ? [0, 1] : [0];
        expect(allowed, `${line}\n${output}`).toContain(exitCode);
        expect(output).not.toMatch(/\n\s+at .+:\d+:\d+/);
      }
    });
  }
});
