// Random faults over random requests for as long as wanted, with one worker that is never killed, and a server that
// is looked at and asked for more all the time:
//   npm run soak -- --minutes 60 [--seed n]
// Ends with 1 at the first thing that should never be, and says with which seed it comes again.
import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FaultSimulation } from '../test/support/fault-simulation.js';
import { handleCount, residentMiB } from './support/process-memory.js';
import { WatchedServer } from './support/watched-server.js';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } },
});
const firstSeed = Number(values.seed);
const minutes = Number(values.minutes);
if (!Number.isInteger(firstSeed) || !(minutes > 0)) throw new RangeError('--minutes and --seed are numbers');

/** Figures of a process settle in the first episodes; what they are then is compared with the end. */
const settledAfter = 10;
const sampleEvery = 10;

interface Sample {
  readonly memoryMiB: number;
  readonly handles: number;
}

function sample(pid: number): Sample {
  return { memoryMiB: Math.round(residentMiB(pid) ?? Number.NaN), handles: handleCount(pid) };
}

const say = (line: string) => writeSync(1, `${line}\n`);

const simulation = await FaultSimulation.start({ hasSteadyWorker: true });
const { scene, steadyWorker } = simulation;
if (steadyWorker === undefined) throw new Error('there is a steady worker');
const server = await WatchedServer.start({ redisUrl: scene.server.url, prefix: scene.prefix });
const until = Date.now() + minutes * 60_000;
const totals = { episodes: 0, instances: 0, repeats: 0, calls: 0, faults: 0, longestGapMs: 0 };
const samples: { readonly episodes: number; readonly worker: Sample; readonly server: Sample }[] = [];
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
    scene.forget();
    if (totals.episodes >= settledAfter && totals.episodes % sampleEvery === 0) {
      const { episodes } = totals;
      samples.push({ episodes, worker: sample(steadyWorker.pid), server: sample(server.pid) });
      say(JSON.stringify(samples.at(-1)));
    }
    seed += 1;
  }
  say(JSON.stringify({ ...totals, firstSeed, samples, answersOfTheServer: server.answers }));
} catch (error) {
  say(`failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await server.stop();
  await simulation.close();
}
