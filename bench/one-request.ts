import type { BottleneckScript } from './peers/bottleneck-script.js';
import { plainBullmq, startPlainProducer, startPlainWorkers } from './peers/plain-bullmq.js';
import type { ArrivedCall } from './support/api-process.js';
import { median, mostInOneSecond, refusedCalls } from './support/arrivals.js';
import { BenchScene } from './support/bench-scene.js';
import { type Bench, type BenchSize, type Finding, ours } from './support/finding.js';
import { HelperProcess } from './support/helper-process.js';

const invocations = 25;
const instances = 200;
/** 5,000 instances are 25 calls for whole invocations: 20 at once, and 5 when the window has passed. */
const longestMs = 1_500;
const mostCalls = 27;
const what = '5,000 instances of 25 invocations, one request: enqueue to last call';

export const oneRequest: Bench = {
  name: 'one-request',
  measures: '5,000 instances of 25 invocations as one request',
  async run(size) {
    return [
      await measure(size),
      await measureScript('minTime'),
      await measureScript('reservoir'),
      await measurePlain(size),
    ];
  },
};

interface Run {
  readonly tookMs: number;
  readonly calls: ArrivedCall[];
}

async function measure({ rounds }: BenchSize): Promise<Finding> {
  const runs = await BenchScene.with({}, async (scene) => {
    await scene.startWorkers(2);
    const all: Run[] = [];
    for (let round = 0; round < rounds; round++) {
      await scene.api.ask('forget');
      const targets = await scene.api.ask('addInvocations', { count: invocations, instances });
      const beganAtMs = await scene.producer.ask('enqueue', { targets });
      all.push(await untilDone(scene, beganAtMs, invocations * instances));
    }
    return all;
  });
  const took = median(runs.map(({ tookMs }) => tookMs));
  const calls = Math.max(...runs.map((run) => run.calls.length));
  return {
    what,
    who: ours,
    measured: `${seconds(took)}, ${calls} calls`,
    target: `<= ${seconds(longestMs)} (50 lists at 20/s take 2.5 s), <= ${mostCalls} calls`,
    isMet: took <= longestMs && calls <= mostCalls,
    note: `median time and most calls of ${rounds}; most in 1 s ${mostOf(runs)}`,
    figures: { tookMs: took, calls, mostInOneSecond: mostOf(runs) },
  };
}

async function measureScript(limit: 'minTime' | 'reservoir'): Promise<Finding> {
  const run = await BenchScene.with({}, async (scene) => {
    const targets = await scene.api.ask('addInvocations', { count: invocations, instances });
    const module = new URL('./peers/bottleneck-script.ts', import.meta.url);
    const script = scene.own(HelperProcess.start<BottleneckScript>(module));
    const beganAtMs = await script.ask('cancel', { endpoint: scene.endpoint, targets, limit });
    return await untilDone(scene, beganAtMs, invocations * instances);
  });
  return {
    what,
    who: `script, Bottleneck ${limit}`,
    measured: `${seconds(run.tookMs)}, ${run.calls.length} calls, most in 1 s ${mostOf([run])}`,
    note: `${refusedCalls(run.calls)} calls refused; one process, nothing survives it`,
    figures: { tookMs: run.tookMs, calls: run.calls.length, mostInOneSecond: mostOf([run]) },
  };
}

async function measurePlain({ scale }: BenchSize): Promise<Finding> {
  const part = scale < 1 ? 0.02 : 0.1;
  const run = await BenchScene.with({}, async (scene) => {
    const size = { count: invocations, instances: instances * part };
    const targets = await scene.api.ask('addInvocations', size);
    await startPlainWorkers(scene, 2, { isLimited: true });
    const producer = await startPlainProducer(scene);
    const { beganAtMs } = await producer.ask('enqueueSingles', { targets, seed: 1 });
    return await untilDone(scene, beganAtMs, size.count * size.instances);
  });
  return {
    what,
    who: plainBullmq,
    measured: `${seconds(run.tookMs)} for ${run.calls.length} calls, most in 1 s ${mostOf([run])}`,
    note: `${part * 100} % of the instances; ${refusedCalls(run.calls)} calls refused`,
    figures: { tookMs: run.tookMs, calls: run.calls.length, part, mostInOneSecond: mostOf([run]) },
  };
}

async function untilDone(scene: BenchScene, beganAtMs: number, total: number): Promise<Run> {
  await scene.api.ask('untilInstances', { instances: total, timeoutMs: 90_000 });
  const calls = await scene.api.ask('calls');
  return { tookMs: (calls.at(-1)?.atMs ?? Number.NaN) - beganAtMs, calls };
}

function mostOf(runs: readonly Run[]): number {
  return Math.max(...runs.map(({ calls }) => mostInOneSecond(calls)));
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(2)} s`;
}
