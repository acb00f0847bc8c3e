import { setTimeout as sleep } from 'node:timers/promises';
import { plainBullmq, startPlainProducer, startPlainWorkers } from './peers/plain-bullmq.js';
import type { BenchTarget } from './support/api-process.js';
import { percentile } from './support/arrivals.js';
import { BenchScene } from './support/bench-scene.js';
import { type Bench, type BenchSize, type Finding, ours } from './support/finding.js';

const mostP50Ms = 15;
const mostP99Ms = 60;
const what = 'idle: enqueue to call arriving';

export const idleLatency: Bench = {
  name: 'idle-latency',
  measures: 'from enqueueing to the call while nothing else is to be done',
  async run(size) {
    return [await measure(size), await measurePlain(size)];
  },
};

async function measure(size: BenchSize): Promise<Finding> {
  const latencies = await BenchScene.with({}, async (scene) => {
    await scene.startWorkers(2);
    return await sample(scene, size, (target) => scene.producer.ask('enqueue', { targets: [target] }));
  });
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  return {
    what,
    who: ours,
    measured: describe(p50, p99),
    target: `p50 <= ${mostP50Ms} ms, p99 <= ${mostP99Ms} ms`,
    isMet: p50 <= mostP50Ms && p99 <= mostP99Ms,
    note: `${latencies.length} requests, two workers`,
    figures: { p50Ms: p50, p99Ms: p99, samples: latencies.length },
  };
}

async function measurePlain(size: BenchSize): Promise<Finding> {
  const latencies = await BenchScene.with({}, async (scene) => {
    const producer = await startPlainProducer(scene);
    await startPlainWorkers(scene, 2, { isLimited: true });
    return await sample(scene, size, (target) => producer.ask('enqueue', { target }));
  });
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  return {
    what,
    who: plainBullmq,
    measured: describe(p50, p99),
    note: `${latencies.length} jobs, two workers, limiter {max: 20, duration: 1000}`,
    figures: { p50Ms: p50, p99Ms: p99, samples: latencies.length },
  };
}

/** One after the other, far enough apart that no limiter is in the way, and not in step with any timer. */
async function sample(
  scene: BenchScene,
  { scale }: BenchSize,
  enqueue: (target: BenchTarget) => Promise<number>,
): Promise<number[]> {
  const count = Math.max(20, Math.round(300 * scale));
  const targets = await scene.api.ask('addInvocations', { count, instances: 1 });
  await sleep(1_000);
  const latencies: number[] = [];
  for (const [index, target] of targets.entries()) {
    const beganAtMs = await enqueue(target);
    const { invocationId } = target;
    const arrivedAtMs = await scene.api.ask('firstArrival', { invocationId, timeoutMs: 10_000 });
    latencies.push(arrivedAtMs - beganAtMs);
    await sleep(60 + ((index * 7) % 40));
  }
  return latencies;
}

function describe(p50: number, p99: number): string {
  return `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
}
