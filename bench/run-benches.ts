import { parseArgs } from 'node:util';
import { benches } from './benches.js';
import type { Finding } from './support/finding.js';
import { describeMachine, formatMachine } from './support/machine.js';
import { formatFindings } from './support/table.js';

const usage = `npm run bench -- [name…] [--json] [--quick] [--scale 0.25] [--rounds 1]

Measures against the targets and against what one would use instead. Without a name: everything, about ten minutes.
--json   one JSON document instead of a table
--quick  small sizes, once each: shows that the benches work, and nothing else
--scale  a part of the full size; --rounds  how often short measurements are repeated

${benches.map(({ name, measures }) => `  ${name.padEnd(18)} ${measures}`).join('\n')}
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    quick: { type: 'boolean' },
    scale: { type: 'string' },
    rounds: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const unknown = positionals.filter((wanted) => !benches.some(({ name }) => name === wanted));
if (values.help || unknown.length > 0) {
  process.stdout.write(usage);
  process.exit(unknown.length > 0 ? 2 : 0);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const [scale, rounds] = values.quick ? [0.02, 1] : [1, 3];
const size = { scale: Number(values.scale ?? scale), rounds: Number(values.rounds ?? rounds) };
const machine = describeMachine();
process.stderr.write(`${formatMachine(machine)}\n`);
const findings: (Finding & { bench: string })[] = [];
for (const { name, measures, run } of benches) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${name}: ${measures}\n`);
  try {
    for (const finding of await run(size)) findings.push({ bench: name, ...finding });
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`${name} broke: ${error instanceof Error ? error.stack : String(error)}\n`);
  }
}
if (values.json) process.stdout.write(`${JSON.stringify({ machine, size, findings }, null, 2)}\n`);
else process.stdout.write(`\n${formatMachine(machine)}\n\n${formatFindings(findings)}\n`);
