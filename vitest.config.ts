import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Process tests share two cores with four workers and a Redis: more files at once would only slow each other down.
    maxWorkers: 2,
    restoreMocks: true,
  },
});
