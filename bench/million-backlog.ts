import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { plainBullmq, startPlainProducer, startPlainWorkers } from './peers/plain-bullmq.js';
import { callRate, percentile } from './support/arrivals.js';
import { BenchScene } from './support/bench-scene.js';
import { CommandProcess } from './support/command-process.js';
import { type Bench, type BenchSize, type Finding, ours } from './support/finding.js';
import { monotonicMs } from './support/monotonic-clock.js';
import { peakMemoryMiB, watchPeakMemory } from './support/process-memory.js';

const instances = 200;
const watchMs = 20_000;
const warmUpMs = 2_000;
const urgentRequests = 30;

export const millionBacklog: Bench = {
  name: 'million-backlog',
  measures: 'a file of 1,000,000 lines: enqueue it, carry it out, and an urgent request behind it',
  async run(size) {
    const small = await measureSmallBacklog(size);
    return [...(await measureMillion(size, small)), ...(await measurePlain(size))];
  },
};

/** As many invocations as instances, so that a thousand instances last long enough to be measured. */
async function measureSmallBacklog({ scale }: BenchSize): Promise<number> {
  return await BenchScene.with({}, async (scene) => {
    const targets = await scene.api.ask('addInvocations', { count: 1_000, instances: 1 });
    await scene.producer.ask('enqueue', { targets });
    await scene.startWorkers(2);
    return await watchRate(scene, scale);
  });
}

async function watchRate(scene: BenchScene, scale: number): Promise<number> {
  await scene.api.ask('untilCalls', { calls: 1, timeoutMs: 30_000 });
  await sleep(warmUpMs);
  await scene.api.ask('forget');
  await sleep(Math.max(3_000, watchMs * scale));
  return callRate(await scene.api.ask('calls'));
}

async function measureMillion({ scale }: BenchSize, smallRate: number): Promise<Finding[]> {
  const lines = Math.round(5_000 * scale) * instances;
  return await BenchScene.with({}, async (scene) => {
    const bytesBefore = await scene.usedBytes();
    const enqueued = await enqueueFile(scene, lines);
    const bytesPerInstance = ((await scene.usedBytes()) - bytesBefore) / lines;
    const workers = await scene.startWorkers(2);
    const rate = await watchRate(scene, scale);
    const urgent = await enqueueUrgent(scene, scale);
    const workerMiB = Math.max(...workers.map(({ pid }) => peakMemoryMiB(pid) ?? Number.NaN));
    return [
      describeRate(rate, smallRate),
      describeWorkerMemory(workerMiB),
      describeBytes(bytesPerInstance),
      describeEnqueue(enqueued, lines),
      describeUrgent(urgent),
    ];
  });
}

async function enqueueFile(scene: BenchScene, lines: number): Promise<{ tookMs: number; peakMiB: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'tat-cancel-bench-'));
  try {
    const path = join(folder, 'targets.csv');
    await scene.api.ask('writeTargetsFile', { path, count: lines / instances, instances });
    const beganAtMs = monotonicMs();
    const command = scene.own(CommandProcess.start(['cancel', '--file', path, '--json'], scene.environment));
    const memory = watchPeakMemory(command.pid);
    const exitCode = await command.ended();
    const peakMiB = memory.stop();
    if (exitCode !== 0) throw new Error(`the command ended with exit code ${exitCode}`);
    return { tookMs: monotonicMs() - beganAtMs, peakMiB };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function enqueueUrgent(scene: BenchScene, scale: number): Promise<number[]> {
  const count = Math.max(5, Math.round(urgentRequests * scale));
  const targets = await scene.api.ask('addInvocations', { count, instances: 1 });
  const latencies: number[] = [];
  for (const [index, target] of targets.entries()) {
    const beganAtMs = await scene.producer.ask('enqueue', { targets: [target], priority: 'urgent' });
    const { invocationId } = target;
    const arrivedAtMs = await scene.api.ask('firstArrival', { invocationId, timeoutMs: 30_000 });
    latencies.push(arrivedAtMs - beganAtMs);
    await sleep(200 + ((index * 37) % 100));
  }
  return latencies;
}

function describeRate(rate: number, smallRate: number): Finding {
  const leastShare = 0.98;
  return {
    what: 'calls/s with 1,000,000 instances waiting against 1,000',
    who: ours,
    measured: `${rate.toFixed(2)}/s against ${smallRate.toFixed(2)}/s, ${(rate / smallRate).toFixed(3)} x`,
    target: `>= ${leastShare} x`,
    isMet: rate >= leastShare * smallRate,
    note: 'two workers',
    figures: { callsPerSecond: rate, callsPerSecondSmall: smallRate },
  };
}

function describeWorkerMemory(workerMiB: number): Finding {
  const mostMiB = 200;
  return {
    what: 'memory of a worker meanwhile (most resident)',
    who: ours,
    measured: `${workerMiB.toFixed(0)} MiB`,
    target: `<= ${mostMiB} MiB`,
    isMet: workerMiB <= mostMiB,
    figures: { workerMiB },
  };
}

function describeBytes(bytesPerInstance: number): Finding {
  const mostBytes = 100;
  return {
    what: 'Redis: ledger, jobs and look-up by instance',
    who: ours,
    measured: `${bytesPerInstance.toFixed(1)} bytes/instance`,
    target: `<= ${mostBytes} bytes/instance`,
    isMet: bytesPerInstance <= mostBytes,
    figures: { bytesPerInstance },
  };
}

function describeEnqueue({ tookMs, peakMiB }: { tookMs: number; peakMiB: number }, lines: number): Finding {
  const [mostMs, mostMiB] = [30_000, 300];
  return {
    what: `command enqueues a file of ${lines.toLocaleString('en')} lines`,
    who: ours,
    measured: `${(tookMs / 1_000).toFixed(1)} s, ${peakMiB.toFixed(0)} MiB`,
    target: `<= ${mostMs / 1_000} s, <= ${mostMiB} MiB`,
    isMet: tookMs <= mostMs && peakMiB <= mostMiB,
    figures: { tookMs, peakMiB },
  };
}

function describeUrgent(latencies: readonly number[]): Finding {
  const mostMs = 300;
  const worst = Math.max(...latencies);
  return {
    what: 'urgent request behind that backlog: enqueue to first call',
    who: ours,
    measured: `worst ${worst.toFixed(0)} ms, p50 ${percentile(latencies, 0.5).toFixed(0)} ms`,
    target: `<= ${mostMs} ms`,
    isMet: worst <= mostMs,
    note: `${latencies.length} requests`,
    figures: { worstMs: worst, p50Ms: percentile(latencies, 0.5), samples: latencies.length },
  };
}

/** A tenth of the instances: all of them as single jobs would take Redis most of a gigabyte. */
async function measurePlain({ scale }: BenchSize): Promise<Finding[]> {
  const count = Math.round(500 * scale);
  const lines = count * instances;
  return await BenchScene.with({}, async (scene) => {
    const producer = await startPlainProducer(scene);
    const bytesBefore = await scene.usedBytes();
    const targets = await scene.api.ask('addInvocations', { count, instances });
    const { tookMs } = await producer.ask('enqueueSingles', { targets, seed: 1 });
    const bytesPerInstance = ((await scene.usedBytes()) - bytesBefore) / lines;
    await startPlainWorkers(scene, 2, { isLimited: true });
    const rate = await watchRate(scene, scale);
    return [
      {
        what: 'Redis, calls/s and time to enqueue',
        who: plainBullmq,
        measured: `${bytesPerInstance.toFixed(1)} bytes/instance, ${rate.toFixed(2)} calls/s, ${(tookMs / 1_000).toFixed(1)} s`,
        note: `a tenth: ${lines.toLocaleString('en')} jobs of one instance, one call each`,
        figures: { bytesPerInstance, callsPerSecond: rate, tookMs },
      },
    ];
  });
}
