import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { freshPrefix } from '../support/test-prefix.js';

const run = promisify(execFile);

/** What takes longest to load, and what a command needs it for. */
const heavy =
  /^(?:bullmq|ioredis|zod|pino|fastify|cli-progress|csv-parse|tencentcloud.*|bottleneck|prom-client)$/;

describe('the command line', { timeout: 60_000 }, () => {
  it.each([['--version'], ['--help'], ['help'], ['nonsense']])(
    'loads what parses the words, and nothing else: %s',
    async (word) => {
      expect((await packagesLoadedBy([word])).filter((name) => heavy.test(name))).toEqual([]);
    },
  );

  it('loads the client of Redis and no queue to tell how a request gets on', async () => {
    const loaded = await packagesLoadedBy(['status', 'req-1']);
    expect(loaded.filter((name) => heavy.test(name))).toEqual(['ioredis', 'zod']);
  });
});

/** V8 itself tells which scripts it compiled. */
async function packagesLoadedBy(args: readonly string[]): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'tat-cancel-coverage-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const { PATH } = process.env;
  const env = {
    PATH,
    NODE_V8_COVERAGE: directory,
    REDIS_URL: inject('redisUrl'),
    QUEUE_PREFIX: freshPrefix(),
  };
  await run(process.execPath, ['dist/cli/main.js', ...args], { env }).catch(() => {}); // unknown words and requests fail
  const urls = readdirSync(directory).flatMap((file) => {
    const report = JSON.parse(readFileSync(join(directory, file), 'utf8')) as { result: { url: string }[] };
    return report.result.map(({ url }) => url);
  });
  expect(urls.some((url) => url.endsWith('/dist/cli/main.js'))).toBe(true);
  const names = urls.map((url) => [...url.matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)].at(-1)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
