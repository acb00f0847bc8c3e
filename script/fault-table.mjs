// Makes the table of docs/guarantees.md from what runs of the fault tests wrote, one or several of them:
//   FAULT_REPORT_FILE=/tmp/faults.jsonl npx vitest run test/long/faults && node script/fault-table.mjs /tmp/faults.jsonl
import { readFileSync } from 'node:fs';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('which file? FAULT_REPORT_FILE of runs of test/long/faults');

const lines = readFileSync(path, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line))
  .filter(({ fault }) => !fault.startsWith('simulation '))
  .sort((a, b) => a.fault.localeCompare(b.fault, 'en', { numeric: true }));

const runsByFault = new Map();
for (const line of lines) runsByFault.set(line.fault, [...(runsByFault.get(line.fault) ?? []), line]);

const cell = (text) => String(text).replaceAll('|', '\\|');
const number = (value) => value.toLocaleString('en');

process.stdout.write('| fault | runs | instances | what became of them | sent again | longest gap, ms |\n');
process.stdout.write('|---|---|---|---|---|---|\n');
for (const [fault, runs] of runsByFault) {
  const sum = (field) => runs.reduce((total, run) => total + run[field], 0);
  const most = (field) => number(Math.max(...runs.map((run) => run[field])));
  const became = new Map();
  for (const { outcomes } of runs)
    for (const [state, count] of Object.entries(outcomes))
      became.set(state, (became.get(state) ?? 0) + count);
  const ends = [...became].sort(([, a], [, b]) => b - a).map(([state, count]) => `${number(count)} ${state}`);
  if (sum('violations') > 0) ends.push(`**${sum('violations')} violations**`);
  process.stdout.write(
    `| ${cell(fault)} | ${runs.length} | ${number(sum('instances'))} | ${ends.join(', ')} | ${most('repeats')} | ${most('longestGapMs')} |\n`,
  );
}
