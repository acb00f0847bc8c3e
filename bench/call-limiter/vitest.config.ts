import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['bench/call-limiter/*.bench.ts'],
    testTimeout: 300_000,
    fileParallelism: false,
  },
});
