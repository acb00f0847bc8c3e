import { Ledger } from '../src/shared/ledger/index.js';
import { OverviewReader } from '../src/shared/queue-overview.js';
import { defaultPrefix, redisKeys } from '../src/shared/redis-keys.js';
import { percentile } from './support/arrivals.js';
import { BenchScene } from './support/bench-scene.js';
import { type Bench, type BenchSize, type Finding, ours } from './support/finding.js';
import { monotonicMs } from './support/monotonic-clock.js';

const requests = 10_000;
const instancesPerRequest = 100;
const letters = 50_000;
const atATime = 100;
const reads = 200;
const mostMs = 50;

export const overview: Bench = {
  name: 'overview',
  measures: 'reading the overview with 10,000 requests, 1,000,000 waiting instances and 50,000 dead letters',
  async run(size) {
    return await BenchScene.with({}, async (scene) => [await measure(scene, size)]);
  },
};

async function measure(scene: BenchScene, { scale }: BenchSize): Promise<Finding> {
  const client = scene.redisClient;
  const count = Math.max(atATime, Math.round((requests * scale) / atATime) * atATime);
  const dead = Math.max(atATime, Math.round((letters * scale) / atATime) * atATime);
  await fill(client, count, dead);
  const reader = new OverviewReader({ client, prefix: defaultPrefix });
  const times: number[] = [];
  for (let read = 0; read < reads; read++) {
    const beganAtMs = monotonicMs();
    const { waiting, deadLetters } = await reader.read();
    times.push(monotonicMs() - beganAtMs);
    if (waiting.normal.instances !== count * instancesPerRequest || deadLetters !== dead) {
      throw new Error(`${waiting.normal.instances} instances and ${deadLetters} dead letters`);
    }
  }
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  return {
    what: `overview over ${count} requests, ${count * instancesPerRequest} waiting instances, ${dead} dead letters`,
    who: ours,
    measured: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
    target: `p99 <= ${mostMs} ms`,
    isMet: p99 <= mostMs,
    figures: { p50Ms: p50, p99Ms: p99 },
  };
}

async function fill(client: BenchScene['redisClient'], count: number, dead: number): Promise<void> {
  const ledger = new Ledger(client, defaultPrefix);
  const instanceIds = Array.from(
    { length: instancesPerRequest },
    (_, at) => `ins-${String(at).padStart(8, '0')}`,
  );
  for (let from = 0; from < count; from += atATime) {
    const accepted = Array.from({ length: atATime }, (_, at) =>
      ledger.accept({
        requestId: `req-bench-${from + at}`,
        fingerprint: 'print',
        priority: 'normal',
        facts: { priority: 'normal', confirm: '1' },
        jobs: [
          { region: 'ap-singapore', invocationId: `inv-${String(from + at).padStart(8, '0')}`, instanceIds },
        ],
      }),
    );
    await Promise.all(accepted);
  }
  for (let from = 0; from < dead; from += atATime) {
    const ids = Array.from({ length: atATime }, (_, at) => [`letter-${from + at}`, '']); // they are only counted
    await client.hset(redisKeys(defaultPrefix).deadLetters, Object.fromEntries(ids));
  }
}
