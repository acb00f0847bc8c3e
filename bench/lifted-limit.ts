import { setTimeout as sleep } from 'node:timers/promises';
import { plainBullmq, plainQueueName, startPlainProducer, startPlainWorkers } from './peers/plain-bullmq.js';
import { median } from './support/arrivals.js';
import { BenchScene } from './support/bench-scene.js';
import { type Bench, type BenchSize, type Finding, ours } from './support/finding.js';
import { monotonicMs } from './support/monotonic-clock.js';

const leastShareOfPlain = 0.8;
const leastGainShared = 5;

export const liftedLimit: Bench = {
  name: 'lifted-limit',
  measures: 'jobs and instances a second when neither limit nor API holds anything up, one worker',
  async run(size) {
    const [plain, single, shared] = [[], [], []] as [number[], number[], number[]];
    // Taking turns, so that a busy spell of the machine does not hit one of them alone.
    for (let round = 0; round < size.rounds; round++) {
      plain.push(await measurePlain(size));
      single.push(await measureSingleCalls(size));
      shared.push(await measureSharedCalls(size));
    }
    return describe(median(plain), median(single), median(shared), size);
  },
};

/** The highest rate that can be set; the API knows no limit. */
const environment = { CALLS_PER_SECOND: '1000', CONFIRM: 'false' };

/** A job for each invocation, so that no two can share a call. */
async function measureSingleCalls({ scale }: BenchSize): Promise<number> {
  const jobs = Math.round(3_000 * scale);
  return await BenchScene.with({ callsPerSecond: 0 }, async (scene) => {
    const targets = await scene.api.ask('addInvocations', { count: jobs, instances: 1 });
    await scene.producer.ask('enqueue', { targets });
    await scene.startWorkers(1, environment);
    return await jobsPerSecond(scene, '{tat-cancel}:tat-cancel', jobs);
  });
}

/** Requests for one instance each, two hundred for the same invocation. */
async function measureSharedCalls({ scale }: BenchSize): Promise<number> {
  const count = Math.round(100 * scale);
  return await BenchScene.with({ callsPerSecond: 0 }, async (scene) => {
    const targets = await scene.api.ask('addInvocations', { count, instances: 200 });
    await scene.producer.ask('enqueueSingles', { targets, seed: 1, atATime: 100, confirm: false });
    await scene.startWorkers(1, environment);
    return await jobsPerSecond(scene, '{tat-cancel}:tat-cancel', count * 200);
  });
}

async function measurePlain({ scale }: BenchSize): Promise<number> {
  const jobs = Math.round(3_000 * scale);
  return await BenchScene.with({ callsPerSecond: 0 }, async (scene) => {
    const targets = await scene.api.ask('addInvocations', { count: jobs, instances: 1 });
    const producer = await startPlainProducer(scene);
    await producer.ask('enqueueSingles', { targets, seed: 1 });
    await startPlainWorkers(scene, 1, { isLimited: false });
    return await jobsPerSecond(scene, `bull:${plainQueueName}`, jobs);
  });
}

/** From the first call until the last job is off the queue: calls alone would not tell what the jobs take. */
async function jobsPerSecond(scene: BenchScene, queue: string, jobs: number): Promise<number> {
  const deadline = Date.now() + 120_000;
  while ((await unfinishedJobs(scene, queue)) > 0) {
    if (Date.now() > deadline) throw new Error('the jobs were not done within 120 s');
    await sleep(20);
  }
  const endedAtMs = monotonicMs();
  const [first] = await scene.api.ask('calls');
  return (jobs * 1_000) / (endedAtMs - (first?.atMs ?? Number.NaN));
}

async function unfinishedJobs({ redisClient }: BenchScene, queue: string): Promise<number> {
  const counts = await Promise.all([
    redisClient.zcard(`${queue}:prioritized`),
    redisClient.llen(`${queue}:wait`),
    redisClient.llen(`${queue}:active`),
    redisClient.zcard(`${queue}:delayed`),
  ]);
  return counts.reduce((sum, count) => sum + count, 0);
}

function describe(plain: number, single: number, shared: number, { rounds }: BenchSize): Finding[] {
  const note = `median of ${rounds}`;
  return [
    {
      what: 'one call for each job',
      who: ours,
      measured: `${single.toFixed(0)} jobs/s, ${(single / plain).toFixed(2)} x plain`,
      target: `>= ${leastShareOfPlain} x plain BullMQ`,
      isMet: single >= leastShareOfPlain * plain,
      note,
      figures: { jobsPerSecond: single, timesPlain: single / plain },
    },
    {
      what: 'single-instance jobs that share calls',
      who: ours,
      measured: `${shared.toFixed(0)} instances/s, ${(shared / plain).toFixed(2)} x plain`,
      target: `>= ${leastGainShared} x plain BullMQ`,
      isMet: shared >= leastGainShared * plain,
      note,
      figures: { instancesPerSecond: shared, timesPlain: shared / plain },
    },
    {
      what: 'one call for each job',
      who: plainBullmq,
      measured: `${plain.toFixed(0)} jobs/s`,
      note: `${note}; no limiter, no ledger`,
      figures: { jobsPerSecond: plain },
    },
  ];
}
