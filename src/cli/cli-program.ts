import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { CliContext } from './cli-context.js';
import { commandTable } from './command-table.js';
import { addGlobalOptions } from './global-options.js';

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

/**
 * The command line for these words, which are searched for names of commands; `all` has every command. Of a command that
 * is not among them there are name and description only, since loading one takes longer than all else that help and
 * version do. Errors and help go through the context's output; nothing ends the process.
 */
export async function createProgram(context: CliContext, words: readonly string[] | 'all'): Promise<Command> {
  const { output } = context;
  const program = new Command('tat-cancel')
    .description('Cancels TAT commands on thousands of instances, as fast as the cloud allows.')
    .version(readVersion(), '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.show('stdout', text),
      writeErr: (text) => output.show('stderr', text),
      getOutHelpWidth: () => output.stdout.columns || 80,
      getErrHelpWidth: () => output.stderr.columns || 80,
    })
    // Names alone: with their arguments beside them, 80 columns leave no room for what they do.
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .showHelpAfterError('(add --help for usage and examples)')
    .addHelpText('after', closingHelp);
  addGlobalOptions(program);
  for (const { name, description, load } of commandTable) {
    const isWanted = words === 'all' || words.includes(name) || words.includes('completion');
    if (isWanted) (await load())(program, context);
    const command = program.commands.find((each) => each.name() === name) ?? program.command(name);
    command.description(description);
  }
  sendOn(program, words);
  return program;
}

/** Tells who writes `redrive` where it is; the nearest name of a command would be another one. */
function sendOn(program: Command, words: readonly string[] | 'all'): void {
  const entry = commandTable.find(({ subcommands = [] }) => subcommands.some((name) => words.includes(name)));
  if (entry === undefined || words.includes(entry.name)) return;
  program.on('command:*', ([word]: string[]) => {
    const advice = entry.subcommands?.includes(word ?? '') ? ` (Did you mean ${entry.name} ${word}?)` : '';
    program.error(`error: unknown command '${word}'${advice}`);
  });
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
