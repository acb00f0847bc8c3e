// The random mix of test/long/faults/random-mix.test.ts, for as many seeds as wanted, some side by side:
//   npm run mix -- --seeds 300 [--first 1] [--lanes 2] [--real] [--without refused,outage]
// One line for each seed. Ends with 1 if anything was found, and says with which seed it comes again.
import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { hurriedPace, realPace } from '../test/support/mix/mix-pace.js';
import { playMix } from '../test/support/mix/random-mix.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    first: { type: 'string', default: '1' },
    lanes: { type: 'string', default: '2' },
    real: { type: 'boolean', default: false },
    without: { type: 'string', default: '' },
  },
});
const [seeds, first, lanes] = [values.seeds, values.first, values.lanes].map(Number);
if (![seeds, first, lanes].every(Number.isInteger))
  throw new RangeError('--seeds, --first and --lanes are numbers');
const pace = values.real ? realPace : hurriedPace;
const without = values.without.split(',').filter(Boolean);

const say = (line: string) => writeSync(1, `${line}\n`);
const startedAt = performance.now();
const totals = { seeds: 0, failed: 0, instances: 0, calls: 0, outcomes: {} as Record<string, number> };
let next = first ?? 1;

async function runLane(): Promise<void> {
  while (next < (first ?? 1) + (seeds ?? 0)) {
    const seed = next++;
    const { violations, features, instances, outcomes, calls, tookMs } = await playMix(seed, {
      pace,
      without,
    });
    totals.seeds += 1;
    totals.instances += instances;
    totals.calls += calls;
    for (const [state, count] of Object.entries(outcomes))
      totals.outcomes[state] = (totals.outcomes[state] ?? 0) + count;
    say(
      `${violations.length === 0 ? 'ok' : 'FAILED'} seed ${seed}: ${instances} instances, ${calls} calls, ${(tookMs / 1_000).toFixed(1)} s, ${features.join(' ')}`,
    );
    if (violations.length === 0) continue;
    totals.failed += 1;
    for (const violation of violations) say(`    ${violation}`);
  }
}

await Promise.all(Array.from({ length: lanes ?? 1 }, runLane));
say(JSON.stringify({ ...totals, seconds: Math.round((performance.now() - startedAt) / 1_000) }));
process.exitCode = totals.failed === 0 ? 0 : 1;
