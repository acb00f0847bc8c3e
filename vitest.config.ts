import { defineConfig } from 'vitest/config';

const everyTest = { testTimeout: 20_000, hookTimeout: 30_000, restoreMocks: true };
const all = 'test/**/*.test.ts';
const long = 'test/long/**/*.test.ts';
// An SDK of OpenTelemetry is there for the whole process, or is not.
const alone = 'test/tracing/**/*.test.ts';

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    // Process tests share two cores with four workers and a Redis: more files at once would only slow each other down.
    maxWorkers: 2,
    // What every change needs (`short…`), and what takes long: faults, browsers, containers, the package, long runs.
    projects: [
      // Modules stay loaded from file to file: loading them took half of the processor's time.
      { test: { ...everyTest, name: 'short', include: [all], exclude: [long, alone], isolate: false } },
      { test: { ...everyTest, name: 'short-alone', include: [alone] } },
      { test: { ...everyTest, name: 'long', include: [long] } },
    ],
  },
});
