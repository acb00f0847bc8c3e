import 'vitest';
import type { TestProject } from 'vitest/node';
import { startTestRedis, type TestRedis } from './test-redis.js';

declare module 'vitest' {
  export interface ProvidedContext {
    redisUrl: string;
  }
}

let redis: TestRedis | undefined;

export async function setup(project: TestProject): Promise<void> {
  redis = await startTestRedis();
  process.stderr.write(`Tests run against ${redis.description}\n`);
  project.provide('redisUrl', redis.url);
}

export async function teardown(): Promise<void> {
  await redis?.stop();
}
