// Run by script/demo, which tells what it is.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Installation } from './demo-parts/installation.mjs';
import { MachineWatch } from './demo-parts/machine-watch.mjs';
import { measureCalls } from './demo-parts/measure-calls.mjs';
import * as scenario from './demo-parts/scenario.mjs';
import { countStopped, describeDeadLetters, describeRows, judge } from './demo-parts/verdict.mjs';

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
  say('The workers warm up with a few calls…');
  const before = await warmUp();
  for (const fault of scenario.faults) {
    await installation.askSimulator('faults', { action: 'CancelInvocation', ...fault });
  }
  const file = writeTargets('targets.ndjson', scenario.addMistakes(invocations));
  say(`
${scenario.invocations} commands run on ${scenario.instancesPerInvocation} simulated instances each. All of them are to be stopped, by two workers which share
${scenario.callsPerSecond} calls a second. The API takes 50 to 150 ms to answer and refuses some calls. The list of targets has mistakes,
too: 3 instances stand under an invocation that they do not belong to, and one invocation does not exist.

$ tat-cancel cancel --file targets.ndjson --reason "bad rollout" --watch`);
  const watch = new MachineWatch();
  watch.start(directory, installation.serverPids);
  await installation.run('cancel', '--file', file, '--reason', 'bad rollout', '--watch');
  return (await showVerdict(invocations, before, await watch.stop())) ? 0 : 1;
}

/** Stops commands of its own and resolves with what must not count later. */
async function warmUp() {
  const { invocations } = await installation.askSimulator('invocations', scenario.warmUp);
  await installation.ask('cancel', '--file', writeTargets('warm-up.ndjson', invocations), '--watch');
  return { calls: readCalls().length, stopped: countStopped(await installation.askSimulator('report')) };
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

async function showVerdict(invocations, before, machine) {
  const stopped = countStopped(await installation.askSimulator('report')) - before.stopped;
  const { deadLetters } = await installation.ask('dead-letters', 'list', '--limit', '100');
  const calls = measureCalls(readCalls(), before.calls);
  const wantedDeadLetters = scenario.expectedDeadLetters(invocations);
  const rows = judge({ stopped, calls, deadLetters, wantedDeadLetters, machine });
  const isRight = rows.every((row) => row.isRight !== false);
  say(`
Dead letters:
${describeDeadLetters(deadLetters)}

From the record of the simulated API:
${describeRows(rows)}

${machine.describe(calls.cancels)}
${machine.isBusy(calls.cancels) ? '  Too busy for two workers to make calls in time: the rate is that of this machine, and is not judged.\n' : ''}
${isRight ? 'All as promised.' : 'This is not what was promised.'}`);
  return isRight;
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

function writeTargets(name, targets) {
  const file = join(directory, name);
  writeFileSync(file, targets.map((target) => `${JSON.stringify(target)}\n`).join(''));
  return file;
}

function readCalls() {
  const lines = readFileSync(installation.callLog, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line));
}
