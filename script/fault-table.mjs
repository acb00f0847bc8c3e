// Makes the table of docs/guarantees.md from what a run of the fault tests wrote:
//   FAULT_REPORT_FILE=/tmp/faults.jsonl npx vitest run test/faults && node script/fault-table.mjs /tmp/faults.jsonl
import { readFileSync } from 'node:fs';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('which file? FAULT_REPORT_FILE of a run of test/faults');

const rows = readFileSync(path, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line))
  .filter(({ fault }) => !fault.startsWith('simulation '))
  .sort((a, b) => a.fault.localeCompare(b.fault, 'en', { numeric: true }));

const cell = (text) => String(text).replaceAll('|', '\\|');
const number = (value) => value.toLocaleString('en');

process.stdout.write('| fault | instances | what became of them | sent again | longest gap, ms |\n');
process.stdout.write('|---|---|---|---|---|\n');
for (const { fault, instances, outcomes, repeats, longestGapMs, violations } of rows) {
  const ends = Object.entries(outcomes)
    .sort(([, a], [, b]) => b - a)
    .map(([state, count]) => `${number(count)} ${state}`)
    .join(', ');
  const told = violations === 0 ? ends : `${ends}; ${violations} violations`;
  process.stdout.write(
    `| ${cell(fault)} | ${number(instances)} | ${told} | ${number(repeats)} | ${number(longestGapMs)} |\n`,
  );
}
