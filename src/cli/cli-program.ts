import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { CliContext } from './cli-context.js';
import { addGlobalOptions } from './cli-settings.js';
import { addCancelCommand } from './commands/cancel.js';
import { addCompletionCommand } from './commands/completion.js';
import { addDeadLettersCommand } from './commands/dead-letters.js';
import { addDoctorCommand } from './commands/doctor.js';
import { addInstancesCommand } from './commands/instances.js';
import { addPauseCommand, addResumeCommand } from './commands/pause.js';
import { addQueuesCommand } from './commands/queues.js';
import { addRequestsCommand } from './commands/requests.js';
import { addServeCommand } from './commands/serve.js';
import { addSimulatorCommand } from './commands/simulator.js';
import { addStatusCommand } from './commands/status.js';
import { addWatchCommand } from './commands/watch.js';
import { addWithdrawCommand } from './commands/withdraw.js';
import { addWorkerCommand } from './commands/worker.js';

/** In the order of the help. A command adds itself to its parent; its file holds all that is its own. */
const commands: readonly ((parent: Command, context: CliContext) => void)[] = [
  addCancelCommand,
  addStatusCommand,
  addRequestsCommand,
  addInstancesCommand,
  addWithdrawCommand,
  addPauseCommand,
  addResumeCommand,
  addDeadLettersCommand,
  addQueuesCommand,
  addWatchCommand,
  addDoctorCommand,
  addWorkerCommand,
  addServeCommand,
  addSimulatorCommand,
  addCompletionCommand,
];

const closingHelp = `
Environment:
  REDIS_URL, QUEUE_PREFIX, TENCENTCLOUD_REGION, LOG_LEVEL and NO_COLOR; every setting may also be written with the
  prefix TAT_CANCEL_. Options beat the environment, the environment beats defaults.

Exit codes:
  0 done    1 some instances were dead-lettered (with --watch), or something is at fault (doctor)
  2 bad usage, settings or input
  3 Redis or the cloud out of reach    70 fault of this program    130 interrupted

Examples:
  $ tat-cancel cancel inv-1a2b3c4d --region ap-singapore --watch
  $ tat-cancel cancel --file targets.csv --region ap-singapore
  $ tat-cancel status req-m3x8k2p1f00dfeed --watch
  $ tat-cancel worker`;

/** The whole command line. Errors and help go through the context's output; nothing ends the process. */
export function createProgram(context: CliContext): Command {
  const { output } = context;
  const program = new Command('tat-cancel')
    .description('Cancels TAT commands on thousands of instances, as fast as the cloud allows.')
    .version(readVersion(), '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.write('stdout', text),
      writeErr: (text) => output.write('stderr', text),
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help for usage and examples)')
    .addHelpText('after', closingHelp);
  addGlobalOptions(program);
  for (const addCommand of commands) addCommand(program, context);
  return program;
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
