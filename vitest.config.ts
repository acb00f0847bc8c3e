import { defineConfig } from 'vitest/config';

const everyTest = { testTimeout: 20_000, hookTimeout: 30_000, restoreMocks: true };

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    // Process tests share two cores with four workers and a Redis: more files at once would only slow each other down.
    maxWorkers: 2,
    // What every change needs, and what takes long: faults, browsers, containers, the package, long runs.
    projects: [
      {
        test: {
          ...everyTest,
          name: 'short',
          include: ['test/**/*.test.ts'],
          exclude: ['test/long/**'],
          // Modules stay loaded from file to file: loading them took half of the time.
          isolate: false,
        },
      },
      { test: { ...everyTest, name: 'long', include: ['test/long/**/*.test.ts'] } },
    ],
  },
});
