// Run by script/demo, which tells what it is.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, constants, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Installation } from './demo-parts/installation.mjs';
import { measureCalls } from './demo-parts/measure-calls.mjs';
import * as scenario from './demo-parts/scenario.mjs';
import { describeDeadLetters, describeRows, judge } from './demo-parts/verdict.mjs';

const longestSeconds = 120;
const directory = mkdtempSync(join(tmpdir(), 'tat-cancel-demo-'));
const installation = await Installation.plan(directory);

let exitCode = 1;
try {
  exitCode = await Promise.race([rehearse(), interruption(), patience()]);
} catch (error) {
  process.stderr.write(`\nThe demo failed: ${error.message}\n${installation.describeOutput()}`);
} finally {
  await installation.stop();
  rmSync(directory, { recursive: true, force: true });
}
process.exit(exitCode);

async function rehearse() {
  await installation.start();
  const { invocations } = await installation.askSimulator('invocations');
  const file = join(directory, 'targets.ndjson');
  writeFileSync(file, toLines(scenario.addMistakes(invocations)));
  say(`
${scenario.invocations} commands run on ${scenario.instancesPerInvocation} simulated instances each. All of them are to be stopped, by two workers which share
${scenario.callsPerSecond} calls a second. The API takes 50 to 150 ms to answer and refuses some calls. The list of targets has mistakes,
too: 3 instances stand under an invocation that they do not belong to, and one invocation does not exist.

$ tat-cancel cancel --file targets.ndjson --reason "bad rollout" --watch`);
  await installation.run('cancel', '--file', file, '--reason', 'bad rollout', '--watch');
  return (await showVerdict(invocations)) ? 0 : 1;
}

/** Resolves with the exit code that shells expect of a process which that signal ended. */
function interruption() {
  const signals = ['SIGHUP', 'SIGINT', 'SIGTERM'];
  return new Promise((resolve) => {
    for (const signal of signals) process.on(signal, () => resolve(128 + constants.signals[signal]));
  });
}

function patience() {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`not done after ${longestSeconds} s`)), longestSeconds * 1_000);
  });
}

async function showVerdict(invocations) {
  const { tasksByStatus } = await installation.askSimulator('report');
  const { deadLetters } = await installation.ask('dead-letters', 'list', '--limit', '100');
  const calls = measureCalls(fromLines(readFileSync(installation.callLog, 'utf8')));
  const wantedDeadLetters = scenario.expectedDeadLetters(invocations);
  const rows = judge({ tasksByStatus, calls, deadLetters, wantedDeadLetters });
  const isRight = rows.every((row) => row.isRight !== false);
  say(`
Dead letters:
${describeDeadLetters(deadLetters)}

From the record of the simulated API:
${describeRows(rows)}

${isRight ? 'All as promised.' : `This is not what was promised.${describeLoad()}`}`);
  return isRight;
}

/** Processes that have to wait for a processor are late with their calls, and then the rate says little. */
function describeLoad() {
  const [load] = loadavg();
  const processors = availableParallelism();
  if (load <= processors + 1) return '';
  return ` But this machine is busy: ${load.toFixed(0)} processes want its ${processors} processors.`;
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

function toLines(documents) {
  return documents.map((document) => `${JSON.stringify(document)}\n`).join('');
}

function fromLines(text) {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
