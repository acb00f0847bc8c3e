// Random faults over random requests for as long as wanted, with one worker that is never killed:
//   npm run soak -- --minutes 60 [--seed n]
// Ends with 1 at the first thing that should never be, and says with which seed it comes again.
import { readdirSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FaultSimulation } from '../test/support/fault-simulation.js';
import type { FaultWorker } from '../test/support/fault-worker.js';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } },
});
const firstSeed = Number(values.seed);
const minutes = Number(values.minutes);
if (!Number.isInteger(firstSeed) || !(minutes > 0)) throw new RangeError('--minutes and --seed are numbers');

interface Sample {
  readonly memoryMiB: number;
  readonly handles: number;
}

function sample(worker: FaultWorker | undefined): Sample {
  if (worker === undefined) throw new Error('there is a steady worker');
  return {
    memoryMiB: Math.round(worker.memoryMiB()),
    handles: readdirSync(`/proc/${worker.pid}/fd`).length,
  };
}

const say = (line: string) => writeSync(1, `${line}\n`);

const simulation = await FaultSimulation.start({ hasSteadyWorker: true });
const until = Date.now() + minutes * 60_000;
const totals = { episodes: 0, instances: 0, repeats: 0, calls: 0, faults: 0, longestGapMs: 0 };
let early: Sample | undefined;
let seed = firstSeed;
try {
  while (Date.now() < until) {
    const { finding, faults } = await simulation.play(seed);
    totals.episodes += 1;
    totals.instances += finding.instances;
    totals.repeats += finding.repeats;
    totals.calls += finding.calls;
    totals.faults += faults.length;
    totals.longestGapMs = Math.max(totals.longestGapMs, finding.longestGapMs);
    say(`seed ${seed}: ${finding.instances} instances, ${finding.repeats} repeated, ${faults.join(', ')}`);
    simulation.scene.forget();
    if (totals.episodes === 5) early = sample(simulation.steadyWorker);
    seed += 1;
  }
  say(
    JSON.stringify({ ...totals, firstSeed, steadyWorker: { early, late: sample(simulation.steadyWorker) } }),
  );
} catch (error) {
  say(`failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await simulation.close();
}
