import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { callRate } from '../../test/support/limiter-cloud.js';
import { LimiterScene } from '../../test/support/limiter-scene.js';
import { SentinelGroup } from '../../test/support/sentinel-group.js';
import { fourProcesses, harmed, lateNote, type Situation, stop, watchMs } from './situation.js';

const withAof = { workers: fourProcesses, appendOnly: true };

export const redisFaults: readonly Situation[] = [
  harmed('FLUSHALL', '19.2, 20', (scene) => command(scene, 'FLUSHALL')),
  harmed('settings key deleted', '18.9, 20', async (scene) => {
    const client = new Redis(scene.redis.url);
    await client.del(...(await client.keys('b_*_settings')));
    client.disconnect();
  }),
  harmed('SCRIPT FLUSH every second', '19.2, 20', (scene) =>
    everySecond(scene, () => command(scene, 'SCRIPT', 'FLUSH')),
  ),
  harmed('connections killed every second', '19.2, 20', (scene) =>
    everySecond(scene, () => command(scene, 'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')),
  ),
  harmed('Redis restarted empty, 2 s down', '19.2, 20', (scene) => down(scene, 2_000, 'empty')),
  harmed(
    'Redis restarted with AOF, 2 s down',
    '19.2, 20',
    (scene) => down(scene, 2_000, 'with data'),
    withAof,
  ),
  harmed(
    'Redis restarted with AOF, 13 s down',
    '19.2, 20',
    (scene) => down(scene, 13_000, 'with data'),
    withAof,
  ),
  harmed('Redis hung for 12 s (CLIENT PAUSE)', '19.2, 20, gap 12 s', (scene) =>
    command(scene, 'CLIENT', 'PAUSE', '12000', 'ALL'),
  ),
  harmed('Redis stopped for 1 s (SIGSTOP)', '19.2, 20', async (scene) => {
    process.kill(scene.redis.pid, 'SIGSTOP');
    await sleep(1_000);
    process.kill(scene.redis.pid, 'SIGCONT');
  }),
  { name: 'Sentinel failover, master killed', target: '17.9, 20, gap 4.3 s', run: failover },
];

async function failover() {
  const group = await SentinelGroup.start();
  const workers = fourProcesses.map(() => ({ redisUrl: group.url }));
  const scene = await LimiterScene.start({ workers });
  try {
    await scene.allCalling();
    await scene.cloud.during(3_000);
    await group.master.kill();
    await scene.cloud.next(30);
    const settled = await scene.cloud.during(watchMs);
    return { all: scene.cloud.calls, settled, note: `sentinels wait 2 s, ${await lateNote(scene)}` };
  } finally {
    await stop(scene);
    await group.stop();
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

async function everySecond(scene: LimiterScene, harm: () => Promise<void>): Promise<string> {
  const first = scene.cloud.calls.length;
  for (let time = 0; time < 10; time++) {
    await harm();
    await sleep(1_000);
  }
  return `${callRate(scene.cloud.calls.slice(first)).toFixed(1)}/s meanwhile`;
}

async function down(scene: LimiterScene, forMs: number, comesBack: 'empty' | 'with data'): Promise<void> {
  await scene.redis.kill();
  if (comesBack === 'empty') scene.redis.forget();
  await sleep(forMs);
  await scene.redis.restart();
}
