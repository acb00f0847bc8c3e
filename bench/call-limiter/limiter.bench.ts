import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, describe, it } from 'vitest';
import { type Call, callRate, longestGap, mostInOneSecond } from '../../test/support/limiter-cloud.js';
import { LimiterProxy } from '../../test/support/limiter-proxy.js';
import { LimiterScene, type LimiterSceneOptions } from '../../test/support/limiter-scene.js';
import { SentinelGroup } from './sentinel-group.js';

// Reruns every situation that the limiter was hardened against and prints what it does. Run the build first.
//   npx vitest run --config bench/call-limiter/vitest.config.ts [-t 'part of a name']

interface Row {
  readonly situation: string;
  readonly target: string;
  readonly rate: string;
  readonly most: string;
  readonly gapMs: string;
  readonly note: string;
}

const rows: Row[] = [];
const four = [{}, {}, {}, {}];
/** Long enough to see windows of many kinds. */
const watchMs = Number(process.env.WATCH_MS ?? 15_000);

function add(situation: string, target: string, calls: readonly Call[], settled: readonly Call[], note = '') {
  rows.push({
    situation,
    target,
    rate: callRate(settled).toFixed(1),
    most: String(mostInOneSecond(calls)),
    gapMs: longestGap(calls).toFixed(0),
    note,
  });
}

interface Situation {
  readonly name: string;
  readonly target: string;
  readonly scene?: LimiterSceneOptions;
  /** Does the harm. Resolves when it is over, maybe with a note for the table. */
  readonly harm?: (scene: LimiterScene) => Promise<unknown>;
}

async function run({ name, target, scene: options, harm }: Situation): Promise<void> {
  const scene = await LimiterScene.start(options ?? { workers: four });
  try {
    await scene.allCalling();
    await scene.cloud.during(2_000);
    const note = await harm?.(scene);
    await scene.cloud.next(20);
    const settled = await scene.cloud.during(watchMs);
    const stats = await Promise.all(
      scene.workers
        .filter(({ process }) => process.exitCode === null && process.signalCode === null)
        .map((worker) => worker.stats()),
    );
    const late = stats.reduce((sum, { lateSlots }) => sum + lateSlots, 0);
    add(
      name,
      target,
      scene.cloud.calls,
      settled,
      [note, `late ${late}`].filter((part) => typeof part === 'string').join(', '),
    );
  } finally {
    const unhandled = await scene.stop();
    if (unhandled.length > 0) process.stderr.write(`${name}: ${unhandled.join('\n')}\n`);
  }
}

async function command(scene: LimiterScene, ...words: [string, ...string[]]): Promise<void> {
  const client = new Redis(scene.redis.url);
  try {
    await client.call(...words);
  } finally {
    client.disconnect();
  }
}

async function down(scene: LimiterScene, forMs: number, empty: boolean): Promise<void> {
  await scene.redis.kill();
  if (empty) scene.redis.forget();
  await sleep(forMs);
  await scene.redis.restart();
}

const situations: Situation[] = [
  { name: 'steady, 4 processes', target: '19.2, 20' },
  { name: 'steady, 1 process', target: '19.2, 20', scene: { workers: [{}] } },
  {
    name: 'steady, 12 processes',
    target: '19.2, 20',
    scene: { workers: Array.from({ length: 12 }, () => ({})) },
  },
  {
    name: '2 ms of work between slot and call',
    target: '19.2, 20',
    scene: { workers: four.map(() => ({ workMs: 2 })) },
  },
  {
    name: 'steady, four CPU hogs beside',
    target: '19.0, 20',
    harm: async (scene) => {
      const hogs = four.map(() => spawn(process.execPath, ['-e', 'for(;;);']));
      await scene.cloud.during(watchMs);
      for (const hog of hogs) hog.kill('SIGKILL');
    },
  },
  {
    name: 'FLUSHALL',
    target: '19.2, 20',
    harm: (scene) => command(scene, 'FLUSHALL'),
  },
  {
    name: 'SCRIPT FLUSH every second',
    target: '19.2, 20',
    harm: async (scene) => {
      for (let time = 0; time < 10; time++) {
        await command(scene, 'SCRIPT', 'FLUSH');
        await sleep(1_000);
      }
    },
  },
  {
    name: 'CLIENT KILL TYPE normal every second',
    target: '20',
    harm: async (scene) => {
      const start = scene.cloud.calls.length;
      for (let time = 0; time < 10; time++) {
        await command(scene, 'CLIENT', 'KILL', 'TYPE', 'normal').catch(() => {});
        await sleep(1_000);
      }
      return `${callRate(scene.cloud.calls.slice(start)).toFixed(1)}/s meanwhile`;
    },
  },
  { name: 'Redis restarted empty, 2 s down', target: '19.2, 20', harm: (scene) => down(scene, 2_000, true) },
  {
    name: 'Redis restarted with AOF, 2 s down',
    target: '19.2, 20',
    scene: { workers: four, appendOnly: true },
    harm: (scene) => down(scene, 2_000, false),
  },
  {
    name: 'Redis restarted with AOF, 13 s down',
    target: '19.2, 20',
    scene: { workers: four, appendOnly: true },
    harm: (scene) => down(scene, 13_000, false),
  },
  {
    name: 'kill -9 of one of four',
    target: '19.2, 20',
    harm: (scene) => scene.worker(0).kill(),
  },
  {
    name: 'SIGSTOP of one for 15 s, then SIGCONT',
    target: '19.2, 20',
    harm: async (scene) => {
      scene.worker(0).process.kill('SIGSTOP');
      await scene.cloud.during(15_000);
      scene.worker(0).process.kill('SIGCONT');
    },
  },
  {
    name: 'event loop of one blocked for 1.5 s',
    target: '19.1, 20',
    harm: async (scene) => scene.worker(0).block(1_500),
  },
  ...[
    ['one clock +2 s', [2_000, 0, 0, 0]] as const,
    ['clocks +2 s and -2 s', [2_000, -2_000, 0, 0]] as const,
    ['one clock +15 s', [15_000, 0, 0, 0]] as const,
    ['one clock +1 h', [3_600_000, 0, 0, 0]] as const,
  ].map(([name, skews]) => ({
    name,
    target: '19.2, 20',
    scene: { workers: skews.map((clockSkewMs) => ({ clockSkewMs })) },
  })),
  {
    name: 'settings key deleted',
    target: '18.9, 20',
    harm: async (scene) => {
      const client = new Redis(scene.redis.url);
      await client.del(...(await client.keys('b_*_settings')));
      client.disconnect();
    },
  },
  {
    name: 'Redis hung for 12 s (CLIENT PAUSE)',
    target: 'gap 12 s, 19.2, 20',
    harm: async (scene) => {
      await command(scene, 'CLIENT', 'PAUSE', '12000', 'ALL');
    },
  },
  {
    name: 'Redis stopped for 1 s (SIGSTOP)',
    target: '19.2, 20',
    harm: async (scene) => {
      process.kill(scene.redis.pid, 'SIGSTOP');
      await sleep(1_000);
      process.kill(scene.redis.pid, 'SIGCONT');
    },
  },
];

describe('call limiter', () => {
  for (const situation of situations) it(situation.name, () => run(situation));

  const slowRedis: [string, string, number, () => number][] = [
    ['Redis 60 ms away (30 each way)', '19.2, 20', 4, () => 30],
    ['Redis 60 ms away, 1 process', '19.2, 20', 1, () => 30],
    ['Redis 0 to 200 ms away, random (0 to 100 each way)', '4.6, 9', 4, () => Math.random() * 100],
    ['Redis 0 to 200 ms each way, random', '-', 4, () => Math.random() * 200],
    ['Redis 0 to 200 ms each way, random, 1 process', '-', 1, () => Math.random() * 200],
    [
      'Redis stalls 300 ms once a second',
      '17.9, 19',
      4,
      () => 300 - Math.min(performance.now() % 1_000, 300),
    ],
  ];
  for (const [name, target, processes, delay] of slowRedis) {
    it(name, async () => {
      const proxies: LimiterProxy[] = [];
      const scene = await LimiterScene.start({ workers: [] });
      const workers = [];
      const { LimiterWorker } = await import('../../test/support/limiter-fleet.js');
      for (let index = 0; index < processes; index++) {
        const proxy = await LimiterProxy.start(scene.redis.port, delay);
        proxies.push(proxy);
        workers.push(new LimiterWorker({ redisUrl: proxy.url, cloudPort: scene.cloud.port }));
      }
      await scene.cloud.during(8_000);
      const calls = await scene.cloud.during(watchMs * 2);
      const stats = await Promise.all(workers.map((worker) => worker.stats()));
      const sum = (field: 'lateSlots' | 'recreations') => stats.reduce((all, one) => all + one[field], 0);
      add(
        name,
        target,
        scene.cloud.calls,
        calls,
        `late ${sum('lateSlots')}, recreated ${sum('recreations')}`,
      );
      await Promise.all(workers.map((worker) => worker.kill()));
      await Promise.all(proxies.map((proxy) => proxy.stop()));
      await scene.stop();
    });
  }

  it('Sentinel failover, master killed', async () => {
    const group = await SentinelGroup.start();
    const scene = await LimiterScene.start({ workers: four.map(() => ({ redisUrl: group.url })) });
    try {
      await scene.allCalling();
      await scene.cloud.during(3_000);
      await group.master.kill();
      await scene.cloud.next(30);
      const calls = await scene.cloud.during(watchMs);
      add('Sentinel failover, master killed', 'gap 4.3 s, 17.9, 20', scene.cloud.calls, calls);
    } finally {
      await scene.stop();
      await group.stop();
    }
  });

  for (const foreign of [5, 10, 15]) {
    it(`a foreign client takes ${foreign} of 20 calls/s`, async () => {
      const scene = await LimiterScene.start({ workers: four, quota: 20 });
      await scene.allCalling();
      const stopForeign = scene.cloud.startForeignClient(foreign);
      await scene.cloud.during(20_000);
      const calls = await scene.cloud.during(60_000);
      stopForeign();
      const stoppedAt = performance.now();
      const refused = calls.filter((call) => call.refused).length;
      let recovered = Number.POSITIVE_INFINITY;
      while (recovered === Number.POSITIVE_INFINITY && performance.now() - stoppedAt < 60_000) {
        const lastCalls = await scene.cloud.next(20);
        if (callRate(lastCalls) > 19) recovered = performance.now() - stoppedAt - 1_000;
      }
      const good = ((calls.length - refused) / 60).toFixed(2);
      const share = ((100 * refused) / calls.length).toFixed(1);
      add(
        `a foreign client takes ${foreign} of 20 calls/s`,
        'refused <= 5 %, back < 30 s',
        scene.cloud.calls,
        calls,
        `${share} % refused, ${good}/s got through of ${20 - foreign}, full rate ${(recovered / 1_000).toFixed(1)} s after it stopped`,
      );
      await scene.stop();
    });
  }

  afterAll(() => {
    const head = '| situation | target: calls/s, most in 1 s | calls/s | most in 1 s | longest gap, ms | |';
    const lines = rows.map(
      ({ situation, target, rate, most, gapMs, note }) =>
        `| ${situation} | ${target} | ${rate} | ${most} | ${gapMs} | ${note} |`,
    );
    const machine = `${cpus().length} cores (${cpus()[0]?.model}), Node ${process.version}, ${new Date().toISOString()}`;
    process.stdout.write(`\n${machine}\n\n${[head, '|---|---|---|---|---|---|', ...lines].join('\n')}\n`);
  });
});
