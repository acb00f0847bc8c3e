import { DeadLetterStore } from '../src/shared/dead-letters/index.js';
import { Ledger } from '../src/shared/ledger/index.js';
import { defaultPrefix, redisKeys } from '../src/shared/redis-keys.js';
import { plantDeadLetters } from '../test/support/planted-letters.js';
import { BenchScene } from './support/bench-scene.js';
import { CommandProcess } from './support/command-process.js';
import { type Bench, type BenchSize, type Finding, ours } from './support/finding.js';
import { monotonicMs } from './support/monotonic-clock.js';

const letters = 50_000;
const jobsPerRequest = 500;
const codes = ['NotConfirmed', 'InternalError', 'ResourceNotFound.InvocationNotFound', 'OperationDenied'];
const mostGroupingMs = 100;
const mostRedriveSeconds = 15;
const mostDiscardSeconds = 10;

export const deadLetters: Bench = {
  name: 'dead-letters',
  measures: `${letters} dead letters of ${codes.length} codes: group them, send all of them round again, and discard as many`,
  async run(size) {
    return await BenchScene.with({ callsPerSecond: 0 }, async (scene) => {
      const count = Math.max(
        jobsPerRequest,
        Math.round((letters * size.scale) / jobsPerRequest) * jobsPerRequest,
      );
      await plant(scene, count, 'redriven');
      const grouping = await measureGrouping(scene, size, count);
      const redrive = await measureRedrive(scene, count);
      await plant(scene, count, 'discarded');
      return [grouping, redrive, await measureDiscard(scene, count)];
    });
  },
};

async function plant(scene: BenchScene, count: number, name: string): Promise<void> {
  const client = scene.redisClient;
  const ledger = new Ledger(client, defaultPrefix);
  for (let from = 0; from < count; from += jobsPerRequest) {
    const requestId = `req-${name}-${from}`;
    const jobs = Array.from({ length: jobsPerRequest }, (_, index) => ({
      region: 'ap-singapore',
      invocationId: `inv-${String(from + index).padStart(8, '0')}`,
      instanceIds: [`ins-${String(from + index).padStart(8, '0')}`],
    }));
    await plantDeadLetters(ledger, requestId, jobs, codes);
  }
}

async function measureGrouping(scene: BenchScene, { rounds }: BenchSize, count: number): Promise<Finding> {
  const times: number[] = [];
  const store = new DeadLetterStore(scene.redisClient, defaultPrefix);
  for (let round = 0; round < rounds; round++) {
    const beganAtMs = monotonicMs();
    const groups = await store.groups();
    times.push(monotonicMs() - beganAtMs);
    const found = groups.reduce((sum, group) => sum + group.letters, 0);
    if (found !== count || groups.length !== codes.length)
      throw new Error(`${found} letters in ${groups.length} groups`);
  }
  const ms = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
  return {
    what: `${count} dead letters grouped by code`,
    who: ours,
    measured: `${Math.round(ms)} ms`,
    target: `<= ${mostGroupingMs} ms`,
    isMet: ms <= mostGroupingMs,
    figures: { ms, letters: count },
  };
}

async function measureRedrive(scene: BenchScene, count: number): Promise<Finding> {
  const seconds = await timeCommand(scene, ['redrive', '--all']);
  const waiting = Number(await scene.redisClient.hget(redisKeys(defaultPrefix).totals, 'jobs:1'));
  if (waiting !== count) throw new Error(`${waiting} jobs wait instead of ${count}`);
  return finding(`${count} dead letters redriven by the command line`, seconds, count, mostRedriveSeconds);
}

async function measureDiscard(scene: BenchScene, count: number): Promise<Finding> {
  const seconds = await timeCommand(scene, ['discard', '--all', '--reason', 'bench']);
  const left = await scene.redisClient.hlen(redisKeys(defaultPrefix).deadLetters);
  if (left !== 0) throw new Error(`${left} letters are left`);
  return finding(`${count} dead letters discarded by the command line`, seconds, count, mostDiscardSeconds);
}

async function timeCommand(scene: BenchScene, args: readonly string[]): Promise<number> {
  const beganAtMs = monotonicMs();
  const command = CommandProcess.start(['dead-letters', ...args], scene.environment);
  const exitCode = await scene.own(command).ended();
  if (exitCode !== 0) throw new Error(`the command ended with exit code ${exitCode}`);
  return (monotonicMs() - beganAtMs) / 1_000;
}

function finding(what: string, seconds: number, count: number, most: number): Finding {
  return {
    what,
    who: ours,
    measured: `${seconds.toFixed(1)} s, ${Math.round(count / seconds)} letters/s`,
    target: `<= ${most} s`,
    isMet: seconds <= most,
    note: 'start of the command included, no worker',
    figures: { seconds, letters: count },
  };
}
