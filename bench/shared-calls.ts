import { plainBullmq, startPlainProducer, startPlainWorkers } from './peers/plain-bullmq.js';
import type { ArrivedCall } from './support/api-process.js';
import { median, mostInOneSecond, refusedCalls } from './support/arrivals.js';
import { BenchScene } from './support/bench-scene.js';
import { type Bench, type BenchSize, type Finding, ours } from './support/finding.js';

const invocations = 25;
const instances = 200;
/** 50 full calls at 20/s take 2.5 s; the first of them leave before there is much to carry. */
const longestMs = 3_000;
/** Requests that are under way at the same time. */
const atATime = 100;
const what = '5,000 single-instance requests, shuffled, live';

export const sharedCalls: Bench = {
  name: 'shared-calls',
  measures: '5,000 requests for one instance each, enqueued while two workers run',
  async run(size) {
    return [
      await measure({ latencyMs: 0, mostCalls: 55, rounds: size.rounds }),
      await measure({ latencyMs: 500, mostCalls: 55, rounds: size.rounds }),
      await measurePlain(size),
    ];
  },
};

interface Run {
  readonly calls: ArrivedCall[];
  readonly enqueueMs: number;
  readonly spanMs: number;
}

async function measure(want: { latencyMs: number; mostCalls: number; rounds: number }): Promise<Finding> {
  const { latencyMs, mostCalls, rounds } = want;
  const runs = await BenchScene.with({ latencyMs }, async (scene) => {
    await scene.startWorkers(2);
    const all: Run[] = [];
    for (let round = 0; round < rounds; round++) {
      await scene.api.ask('forget');
      const targets = await scene.api.ask('addInvocations', { count: invocations, instances });
      const enqueued = scene.producer.ask('enqueueSingles', { targets, seed: round, atATime });
      await scene.api.ask('untilInstances', { instances: invocations * instances, timeoutMs: 60_000 });
      const calls = await scene.api.ask('calls');
      const spanMs = (calls.at(-1)?.atMs ?? 0) - (calls[0]?.atMs ?? 0);
      all.push({ calls, spanMs, enqueueMs: (await enqueued).tookMs });
    }
    return all;
  });
  const callCounts = runs.map(({ calls }) => calls.length);
  const calls = median(callCounts);
  const span = median(runs.map(({ spanMs }) => spanMs));
  const perSecond = (invocations * instances * 1_000) / median(runs.map(({ enqueueMs }) => enqueueMs));
  const most = Math.max(...runs.map((run) => mostInOneSecond(run.calls)));
  return {
    what: `${what}${latencyMs === 0 ? '' : `, API answers in ${latencyMs} ms`}`,
    who: ours,
    measured: `${calls} calls, ${(span / 1_000).toFixed(2)} s from first to last`,
    target: `<= ${mostCalls} calls, <= ${longestMs / 1_000} s`,
    isMet: calls <= mostCalls && span <= longestMs,
    note: `median of ${callCounts.join(', ')} calls; enqueued at ${perSecond.toFixed(0)}/s; most in 1 s ${most}`,
    figures: { calls, spanMs: span, enqueuedPerSecond: perSecond, mostInOneSecond: most },
  };
}

async function measurePlain({ scale }: BenchSize): Promise<Finding> {
  const part = scale < 1 ? 0.02 : 0.1;
  const calls = await BenchScene.with({}, async (scene) => {
    const size = { count: invocations, instances: instances * part };
    await startPlainWorkers(scene, 2, { isLimited: true });
    const producer = await startPlainProducer(scene);
    const targets = await scene.api.ask('addInvocations', size);
    await producer.ask('enqueueSingles', { targets, seed: 1 });
    await scene.api.ask('untilInstances', { instances: size.count * size.instances, timeoutMs: 90_000 });
    return await scene.api.ask('calls');
  });
  const spanMs = (calls.at(-1)?.atMs ?? 0) - (calls[0]?.atMs ?? 0);
  const most = mostInOneSecond(calls);
  return {
    what,
    who: plainBullmq,
    measured: `${calls.length} calls, ${(spanMs / 1_000).toFixed(2)} s from first to last, most in 1 s ${most}`,
    note: `${part * 100} % of the requests; ${refusedCalls(calls)} calls refused`,
    figures: { calls: calls.length, spanMs, part, mostInOneSecond: most },
  };
}
