import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PrivateRedis } from '../test/support/private-redis.js';
import { percentile } from './support/arrivals.js';
import { type Bench, type Finding, ours } from './support/finding.js';
import { monotonicMs } from './support/monotonic-clock.js';

const run = promisify(execFile);
const starts = 15;

const commands: readonly (readonly [what: string, args: readonly string[], mostMs: number])[] = [
  ['tat-cancel --version', ['dist/cli/main.js', '--version'], 200],
  ['tat-cancel --help', ['dist/cli/main.js', '--help'], 250],
  ['tat-cancel status', ['dist/cli/main.js', 'status', 'req-bench'], 400],
];

export const cliStart: Bench = {
  name: 'cli-start',
  measures: 'from the start of a command to its end, beside `node -e 0`',
  async run() {
    const redis = await PrivateRedis.start({ directives: [['maxmemory-policy', 'noeviction']] });
    try {
      return await compare(redis.url);
    } finally {
      await redis.stop();
    }
  },
};

async function compare(redisUrl: string): Promise<Finding[]> {
  const bare = await measure(['-e', '0'], redisUrl);
  const findings: Finding[] = [];
  for (const [what, args, mostMs] of commands) {
    const ms = await measure(args, redisUrl);
    findings.push({
      what,
      who: ours,
      measured: `p50 ${ms.toFixed(0)} ms (node -e 0: ${bare.toFixed(0)} ms)`,
      target: `<= ${mostMs} ms`,
      isMet: ms <= mostMs,
      figures: { p50Ms: ms, bareMs: bare },
    });
  }
  return findings;
}

async function measure(args: readonly string[], redisUrl: string): Promise<number> {
  const times: number[] = [];
  for (let start = 0; start < starts; start += 1) {
    const beganAtMs = monotonicMs();
    // `status` of a request that there is not ends with 2.
    await run(process.execPath, [...args], { env: { ...process.env, REDIS_URL: redisUrl } }).catch(() => {});
    times.push(monotonicMs() - beganAtMs);
  }
  return percentile(times, 0.5);
}
