import type { Delay } from '../../test/support/limiter-proxy.js';
import { LimiterProxy } from '../../test/support/limiter-proxy.js';
import { LimiterScene } from '../../test/support/limiter-scene.js';
import { lateNote, type Situation, stop, watchMs } from './situation.js';

export const slowRedis: readonly Situation[] = [
  far('Redis 60 ms away (30 each way)', '19.2, 20', 4, () => 30),
  far('Redis 60 ms away, 1 process', '19.2, 20', 1, () => 30),
  far('Redis 0 to 200 ms away, random (0 to 100 each way)', '17.9, 20', 4, () => Math.random() * 100),
  far('Redis 0 to 400 ms away, random (0 to 200 each way)', '17.9, 20', 4, () => Math.random() * 200),
  far('Redis 0 to 400 ms away, random, 1 process', '17.9, 20', 1, () => Math.random() * 200),
  far('Redis stalls 300 ms once a second', '17.9, 20', 4, () =>
    Math.max(300 - (performance.now() % 1_000), 0),
  ),
];

function far(name: string, target: string, processes: number, delay: Delay): Situation {
  return { name, target, run: () => watchFrom(processes, delay) };
}

async function watchFrom(processes: number, delay: Delay) {
  const proxies: LimiterProxy[] = [];
  const scene = await LimiterScene.start({ workers: [] });
  try {
    for (let index = 0; index < processes; index++) {
      const proxy = await LimiterProxy.start(scene.redis.port, delay);
      proxies.push(proxy);
      scene.addWorker({ redisUrl: proxy.url });
    }
    await scene.allCalling();
    await scene.cloud.during(4_000);
    const settled = await scene.cloud.during(2 * watchMs);
    return { all: scene.cloud.calls, settled, note: await lateNote(scene) };
  } finally {
    await stop(scene);
    await Promise.all(proxies.map((proxy) => proxy.stop()));
  }
}
