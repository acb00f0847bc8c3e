import { plainBullmq, startPlainProducer, startPlainWorkers } from './peers/plain-bullmq.js';
import type { ArrivedCall } from './support/api-process.js';
import { callRate, mostInOneSecond, refusedCalls } from './support/arrivals.js';
import { BenchScene } from './support/bench-scene.js';
import { type Bench, type BenchSize, type Finding, ours } from './support/finding.js';

const leastRate = 19;
const mostInSecond = 20;
/** Left out of the rate: processes that start all at once are in each other's way. */
const warmUpMs = 2_000;

export const backlogRate: Bench = {
  name: 'backlog-rate',
  measures: 'calls a second while work waits, with one worker and with four',
  async run(size) {
    return [
      await measure(1, size),
      await measure(4, size),
      await measurePlain(1, size),
      await measurePlain(4, size),
    ];
  },
};

function callsToWatch({ scale }: BenchSize): number {
  return Math.max(60, Math.round(400 * scale));
}

async function measure(workers: number, size: BenchSize): Promise<Finding> {
  const watched = callsToWatch(size);
  const calls = await BenchScene.with({}, async (scene) => {
    // A few more than are watched, so that the backlog does not run out.
    const targets = await scene.api.ask('addInvocations', { count: watched / 2 + 30, instances: 200 });
    await scene.producer.ask('enqueue', { targets });
    await scene.startWorkers(workers);
    await scene.api.ask('untilCalls', { calls: watched, timeoutMs: 60_000 });
    return await scene.api.ask('calls');
  });
  const { rate, most } = judge(calls);
  return {
    what: `calls/s, ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
    who: ours,
    measured: `${rate.toFixed(2)}/s, most in 1 s ${most}`,
    target: `>= ${leastRate.toFixed(1)}/s, <= ${mostInSecond} in any 1 s`,
    isMet: rate >= leastRate && most <= mostInSecond,
    note: `${calls.length} calls`,
    figures: { callsPerSecond: rate, mostInOneSecond: most, calls: calls.length },
  };
}

async function measurePlain(workers: number, size: BenchSize): Promise<Finding> {
  const watched = callsToWatch(size) / 2;
  const calls = await BenchScene.with({}, async (scene) => {
    const targets = await scene.api.ask('addInvocations', {
      count: Math.ceil(watched / 100),
      instances: 200,
    });
    const producer = await startPlainProducer(scene);
    await producer.ask('enqueueSingles', { targets, seed: 1 });
    await startPlainWorkers(scene, workers, { isLimited: true });
    await scene.api.ask('untilCalls', { calls: watched, timeoutMs: 60_000 });
    return await scene.api.ask('calls');
  });
  const { rate, most } = judge(calls);
  return {
    what: `calls/s, ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
    who: plainBullmq,
    measured: `${rate.toFixed(2)}/s, most in 1 s ${most}`,
    note: `limiter {max: 20, duration: 1000}; ${refusedCalls(calls)} of ${calls.length} calls refused`,
    figures: { callsPerSecond: rate, mostInOneSecond: most, refused: refusedCalls(calls) },
  };
}

/** The rate is that of the settled run; the limit has to hold from the first call on. */
function judge(calls: readonly ArrivedCall[]): { rate: number; most: number } {
  const settledAt = (calls[0]?.atMs ?? 0) + warmUpMs;
  return { rate: callRate(calls.filter(({ atMs }) => atMs >= settledAt)), most: mostInOneSecond(calls) };
}
