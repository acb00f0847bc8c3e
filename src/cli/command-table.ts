import type { Command } from 'commander';
import type { CliContext } from './cli-context.js';

type AddCommand = (parent: Command, context: CliContext) => void;

export interface CommandEntry {
  readonly name: string;
  /** Commands of the command, which people try without it. */
  readonly subcommands?: readonly string[];
  /** One line for the list of commands, where no command is loaded. */
  readonly description: string;
  /** Its module holds all else that is its own, and loads what it works with. */
  readonly load: () => Promise<AddCommand>;
}

/** In the order of the help. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'cancel',
    description:
      'enqueue the cancellation of an invocation, of some of its instances, of a file of them, or of what the cloud finds',
    load: async () => (await import('./commands/cancel.js')).addCancelCommand,
  },
  {
    name: 'status',
    description: 'show how a cancel request gets on, in instances',
    load: async () => (await import('./commands/status.js')).addStatusCommand,
  },
  {
    name: 'requests',
    description: 'list cancel requests, newest first',
    load: async () => (await import('./commands/requests.js')).addRequestsCommand,
  },
  {
    name: 'instances',
    description: 'list what became of each instance of a request, or of one instance',
    load: async () => (await import('./commands/instances.js')).addInstancesCommand,
  },
  {
    name: 'withdraw',
    description: 'take a cancel request back, as far as it has not been sent',
    load: async () => (await import('./commands/withdraw.js')).addWithdrawCommand,
  },
  {
    name: 'pause',
    description: 'make no further calls until resume; what is asked for meanwhile waits',
    load: async () => (await import('./commands/pause.js')).addPauseCommand,
  },
  {
    name: 'resume',
    description: 'end a pause',
    load: async () => (await import('./commands/pause.js')).addResumeCommand,
  },
  {
    name: 'limit',
    description: 'show, set or reset how many calls a second all workers make',
    load: async () => (await import('./commands/limit.js')).addLimitCommand,
  },
  {
    name: 'dead-letters',
    description: 'deal with what could not be carried out',
    subcommands: ['list', 'show', 'redrive', 'discard', 'export'],
    load: async () => (await import('./commands/dead-letters.js')).addDeadLettersCommand,
  },
  {
    name: 'audit',
    description: 'show who changed what, newest first',
    load: async () => (await import('./commands/audit.js')).addAuditCommand,
  },
  {
    name: 'queues',
    description: 'show what waits, how fast it goes, and what stands in the way',
    load: async () => (await import('./commands/queues.js')).addQueuesCommand,
  },
  {
    name: 'watch',
    description: 'watch calls, what waits and what stands in the way, live',
    load: async () => (await import('./commands/watch.js')).addWatchCommand,
  },
  {
    name: 'doctor',
    description: 'look for what is wrong with this installation, and say what to do',
    load: async () => (await import('./commands/doctor.js')).addDoctorCommand,
  },
  {
    name: 'worker',
    description:
      'carry cancel requests out, until SIGTERM or SIGINT (a second one stops at once, with exit code 1)',
    load: async () => (await import('./commands/worker.js')).addWorkerCommand,
  },
  {
    name: 'serve',
    description: 'serve the HTTP interface, the operator page and metrics, until SIGTERM or SIGINT',
    load: async () => (await import('./commands/serve.js')).addServeCommand,
  },
  {
    name: 'simulator',
    description: 'run a local TAT API full of running commands, to rehearse against',
    load: async () => (await import('./commands/simulator.js')).addSimulatorCommand,
  },
  {
    name: 'completion',
    description: 'print a script that lets a shell complete commands and options',
    load: async () => (await import('./commands/completion.js')).addCompletionCommand,
  },
];
