#!/usr/bin/env node
import { systemClock } from '../shared/clock.js';
import { exitCodes } from './exit-code.js';
import { runCli } from './run-cli.js';

const interruption = new AbortController();
let trapped = false;

function trapSignals(): AbortSignal {
  if (!trapped) {
    trapped = true;
    process.on('SIGINT', receiveSignal);
    process.on('SIGTERM', receiveSignal);
  }
  return interruption.signal;
}

function receiveSignal(name: NodeJS.Signals): void {
  if (interruption.signal.aborted) {
    process.stderr.write(
      `${name} again: stopped at once. What was under way is left as it is; nothing is lost.\n`,
    );
    process.exit(1);
  }
  interruption.abort();
}

// A reader that has seen enough is no failure of ours: the command goes on and says by its exit code how it went.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.on('uncaughtException', (error: Error) => {
  const level = process.env.TAT_CANCEL_LOG_LEVEL ?? process.env.LOG_LEVEL;
  const showsStack = level === 'debug' || level === 'trace';
  process.stderr.write(`error: unexpected: ${showsStack ? error.stack : error.message}\n`);
  process.exit(exitCodes.unexpected);
});

const exitCode = await runCli(process.argv.slice(2), {
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
  trapSignals,
});
process.exitCode = exitCode;
// Written text may still wait for a slow reader of a pipe: the process ends when it has gone out.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
