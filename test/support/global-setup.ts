import 'vitest';
import type { TestProject } from 'vitest/node';
import { findBuildProblem } from './built-dist.js';
import { startTestRedis, type TestRedis } from './test-redis.js';

declare module 'vitest' {
  export interface ProvidedContext {
    redisUrl: string;
  }
}

let redis: TestRedis | undefined;

export async function setup(project: TestProject): Promise<void> {
  try {
    checkBuild();
    redis = await startTestRedis();
  } catch (error) {
    // What to do is in the message: a stack would only bury it.
    if (error instanceof Error) error.stack = `${error.name}: ${error.message}`;
    throw error;
  }
  process.stderr.write(`Tests run against ${redis.description}\n`);
  project.provide('redisUrl', redis.url);
}

export async function teardown(): Promise<void> {
  await redis?.stop();
}

/** Most tests read src/, some start dist/: a run that names its tests is only warned. */
function checkBuild(): void {
  const problem = findBuildProblem();
  if (problem === undefined) return;
  const namesTests = process.argv
    .slice(2)
    .some((argument) => argument !== 'run' && !argument.startsWith('-'));
  if (!namesTests) throw new Error(problem);
  process.stderr.write(`Mind that ${problem}\n`);
}
