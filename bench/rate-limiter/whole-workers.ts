import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { LimiterProxy } from '../../test/support/limiter-proxy.js';
import { PrivateRedis } from '../../test/support/private-redis.js';
import type { BottleneckRedisProcess } from '../peers/bottleneck-redis-process.js';
import type { ApiProcess, ArrivedCall } from '../support/api-process.js';
import { callRate, mostInOneSecond } from '../support/arrivals.js';
import { HelperProcess } from '../support/helper-process.js';

// Whole workers and the simulated cloud, in situations that cost a limiter its rate; beside them Bottleneck as
// published and, with --other <tree>, another build of this project. The API, which takes the times, and Redis run at
// raised priority where that is allowed; what is measured does not.
//   npm run build && npx tsx bench/rate-limiter/whole-workers.ts [--seconds 15] [--other /path/to/tree] [part of a name …]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '15' }, other: { type: 'string' } },
});
const watchMs = Number(values.seconds) * 1_000;
const warmUpMs = 3_000;
const region = 'ap-singapore';

interface Situation {
  readonly name: string;
  readonly processes: number;
  readonly hogs?: number;
  /** Share of a core that all processes measured have together. */
  readonly quota?: number;
  /** One way, in ms. */
  readonly delay?: () => number;
}

const situations: readonly Situation[] = [
  { name: 'quiet, 2 processes', processes: 2 },
  ...[2, 4, 6, 8].map((hogs) => ({ name: `${hogs} busy loops`, processes: 2, hogs })),
  { name: 'half a core', processes: 2, quota: 0.5 },
  { name: 'Redis 30 ms away', processes: 2, delay: () => 15 },
  { name: 'Redis 60 ms away', processes: 2, delay: () => 30 },
  { name: 'Redis 0 to 200 ms away', processes: 2, delay: () => Math.random() * 100 },
  ...[1, 4, 12, 40].map((processes) => ({
    name: `${processes} ${processes === 1 ? 'process' : 'processes'}`,
    processes,
  })),
];

interface Stoppable {
  stop(): Promise<unknown>;
}

/** What one measurement consists of. */
class Scene {
  readonly #started: Stoppable[] = [];
  readonly #group: string | undefined;

  constructor(
    readonly api: HelperProcess<ApiProcess>,
    readonly redis: PrivateRedis,
    readonly endpoint: string,
    private readonly situation: Situation,
  ) {
    this.#group = situation.quota === undefined ? undefined : makeGroup(situation.quota);
  }

  own(started: Stoppable): void {
    this.#started.push(started);
  }

  /** A child of the bench that is measured. */
  ownChild(child: ChildProcess): void {
    if (this.#group !== undefined && child.pid !== undefined) {
      writeFileSync(`${this.#group}/cgroup.procs`, String(child.pid));
    }
    this.own({
      stop: async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      },
    });
  }

  /** The port that a process measured has to use for Redis. */
  async redisPort(): Promise<number> {
    const { delay } = this.situation;
    if (delay === undefined) return this.redis.port;
    const proxy = await LimiterProxy.start(this.redis.port, delay);
    this.own(proxy);
    return proxy.port;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#started.map((each) => each.stop()));
    await this.api.stop();
    await this.redis.stop();
    if (this.#group !== undefined) execFileSync('rmdir', [this.#group]);
  }
}

function makeGroup(quota: number): string {
  const group = `/sys/fs/cgroup/cpu/tat-cancel-bench-${process.pid}-${Date.now()}`;
  mkdirSync(group);
  writeFileSync(`${group}/cpu.cfs_quota_us`, String(quota * 100_000));
  return group;
}

function raise(pid: number): void {
  try {
    execFileSync('chrt', ['-r', '-a', '-p', '1', String(pid)]);
  } catch {
    // not allowed here: times are taken as well as they can be
  }
}

async function workersOf(tree: string, scene: Scene, processes: number): Promise<void> {
  const command = resolve(tree, 'dist/cli/main.js');
  const folder = mkdtempSync(join(tmpdir(), 'whole-workers-'));
  const file = join(folder, 'targets.csv');
  const needed = Math.ceil(((watchMs + 15_000) / 1_000) * 20) + 100;
  const targets = await scene.api.ask('addInvocations', { count: Math.ceil(needed / 2), instances: 200 });
  const lines = targets.flatMap(({ invocationId, instanceIds }) =>
    instanceIds.map((instanceId) => `${invocationId},${instanceId},${region}`),
  );
  writeFileSync(file, lines.join('\n'));
  const environment = (port: number) => ({
    ...process.env,
    REDIS_URL: `redis://127.0.0.1:${port}`,
    TAT_ENDPOINT: scene.endpoint,
    TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR',
    TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key',
    TENCENTCLOUD_REGION: region,
    LOG_LEVEL: 'error',
    CONFIRM: 'false',
    ...(tree === '.' ? { WHOLE_INVOCATION_CALLS: 'false' } : {}),
  });
  const direct = environment(scene.redis.port);
  execFileSync(process.execPath, [command, 'cancel', '--file', file], { env: direct, stdio: 'ignore' });
  rmSync(folder, { recursive: true });
  for (let each = 0; each < processes; each++) {
    const env = environment(await scene.redisPort());
    const child = spawn(process.execPath, [command, 'worker'], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    scene.ownChild(child);
  }
}

async function bottleneckAlone(scene: Scene, processes: number): Promise<void> {
  const [target] = await scene.api.ask('addInvocations', { count: 1, instances: 1 });
  if (target === undefined) throw new Error('there is no invocation');
  for (let each = 0; each < processes; each++) {
    const module = new URL('../peers/bottleneck-redis-process.ts', import.meta.url);
    const helper = HelperProcess.start<BottleneckRedisProcess>(module);
    scene.ownChild(helper.child);
    const { endpoint } = scene;
    const redisPort = await scene.redisPort();
    void helper
      .ask('run', { redisPort, endpoint, region, invocationId: target.invocationId })
      .catch(() => {}); // ended with the scene
  }
}

type Start = (scene: Scene, processes: number) => Promise<void>;

const variants: readonly (readonly [name: string, start: Start])[] = [
  ['whole workers', (scene, processes) => workersOf('.', scene, processes)],
  ...(values.other === undefined
    ? []
    : [
        [
          `whole workers of ${values.other}`,
          (scene: Scene, processes: number) => workersOf(values.other ?? '.', scene, processes),
        ] as const,
      ]),
  ['Bottleneck as published, minTime 52', bottleneckAlone],
];

async function measure(situation: Situation, start: Start): Promise<string> {
  const api = HelperProcess.start<ApiProcess>(new URL('../support/api-process.ts', import.meta.url));
  const redis = await PrivateRedis.start({ directives: [['appendfsync', 'everysec']] });
  const endpoint = await api.ask('start', { latencyMs: 30, callsPerSecond: 0 });
  const scene = new Scene(api, redis, endpoint, situation);
  try {
    raise(api.pid);
    raise(redis.pid);
    await start(scene, situation.processes);
    const hogs = Array.from({ length: situation.hogs ?? 0 }, () =>
      spawn(process.execPath, ['-e', 'for(;;);']),
    );
    for (const hog of hogs) scene.own({ stop: async () => void hog.kill('SIGKILL') });
    await api.ask('untilCalls', { calls: 20, timeoutMs: 120_000 });
    if (situation.processes > 4) await sleep(situation.processes * 500); // until all have started
    await sleep(warmUpMs + watchMs);
    return describe(await api.ask('calls'));
  } finally {
    await scene.stop();
  }
}

function describe(calls: readonly ArrivedCall[]): string {
  const from = (calls.at(-1)?.atMs ?? 0) - watchMs;
  const rate = callRate(calls.filter(({ atMs }) => atMs >= from));
  const firstTwenty = (calls[19]?.atMs ?? Number.NaN) - (calls[0]?.atMs ?? 0);
  return `${rate.toFixed(2)} | ${mostInOneSecond(calls)} | ${firstTwenty.toFixed(0)} | ${loadavg()[0]?.toFixed(1)}`;
}

process.stdout.write(`${cpus().length} cores (${cpus()[0]?.model}), Node ${process.version}\n\n`);
process.stdout.write(
  '| situation | who | calls/s | most in 1 s | first 20 in, ms | load |\n|---|---|---|---|---|---|\n',
);
for (const situation of situations) {
  if (positionals.length > 0 && !positionals.some((part) => situation.name.includes(part))) continue;
  for (const [who, start] of variants) {
    const found = await measure(situation, start).catch((error: unknown) => `failed: ${String(error)} | | |`);
    process.stdout.write(`| ${situation.name} | ${who} | ${found} |\n`);
  }
}
process.exit();
