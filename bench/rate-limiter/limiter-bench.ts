import { cpus } from 'node:os';
import { foreignClients } from './foreign-clients.js';
import { processFaults } from './process-faults.js';
import { redisFaults } from './redis-faults.js';
import { tableHead, tableRow } from './situation.js';
import { slowRedis } from './slow-redis.js';

// Brings every situation about that the call limiter is hardened against, and prints what came of it as the table of
// docs/limiter.md. Takes about twenty minutes; only a quiet machine tells rates truly.
//   npm run build && npx tsx bench/rate-limiter/limiter-bench.ts [part of a situation's name …]

const wanted = process.argv.slice(2);
const situations = [...processFaults, ...redisFaults, ...slowRedis, ...foreignClients].filter(
  ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
);

const machine = `${cpus().length} cores (${cpus()[0]?.model}), Node ${process.version}`;
process.stdout.write(`${machine}, ${new Date().toISOString().slice(0, 10)}\n\n${tableHead}\n`);
for (const situation of situations) {
  try {
    process.stdout.write(`${tableRow(situation, await situation.run())}\n`);
  } catch (error) {
    process.exitCode = 1;
    process.stdout.write(`| ${situation.name} | failed: ${String(error)} |\n`);
  }
}
