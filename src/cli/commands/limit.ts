import type { Command } from 'commander';
import { type LimitReport, LiveLimitStore } from '../../shared/live-limit.js';
import { readSettings } from '../../shared/settings/index.js';
import type { CliContext } from '../cli-context.js';
import { currentUser } from '../dead-letters/report-result.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { globalFlags } from '../global-options.js';
import { withRedis } from '../open-redis.js';
import { tameText } from '../text-format.js';
import { wholeNumber } from '../whole-number.js';

const closingHelp = `
All workers obey within a second, and no worker ever makes more calls than its CALLS_PER_SECOND. The limit lasts until
it is reset, and is lost with the data of Redis.

Examples:
  $ tat-cancel limit
  $ tat-cancel limit set 5 --reason 'another team needs the quota'
  $ tat-cancel limit reset`;

interface LimitOptions {
  readonly json?: true;
  readonly reason?: string;
}

/** `tat-cancel limit`, `limit set`, `limit reset`: calls a second of all workers, at run time. */
export function addLimitCommand(parent: Command, context: CliContext): void {
  const group = parent
    .command('limit')
    .option('--json', 'print one JSON document')
    .addHelpText('after', closingHelp)
    .action(act(context, (store) => store.read()));
  group
    .command('set')
    .description('set the calls a second of all workers')
    .argument('<calls/s>', 'a whole number, at most CALLS_PER_SECOND', wholeNumber(1, 1_000))
    .option('--reason <text>', 'why, for the people who find it set')
    .addHelpText('after', "\nExamples:\n  $ tat-cancel limit set 5 --reason 'another team needs the quota'")
    .action((callsPerSecond: number, options: LimitOptions, command: Command) => {
      const { reason } = options;
      const details = { callsPerSecond, ...(reason === undefined ? {} : { reason }) };
      const change = { by: currentUser(), reason, auditNote: noteOf('set-limit', details) };
      return act(context, (store) => store.set(callsPerSecond, change))(options, command);
    });
  group
    .command('reset')
    .description('go back to CALLS_PER_SECOND')
    .addHelpText('after', '\nExamples:\n  $ tat-cancel limit reset')
    .action(act(context, (store) => store.reset({ auditNote: noteOf('reset-limit') })));
}

function noteOf(action: string, details?: object): object {
  return {
    at: new Date().toISOString(),
    action,
    ...(details === undefined ? {} : { details }),
    by: currentUser(),
  };
}

function act(context: CliContext, work: (store: LiveLimitStore) => Promise<LimitReport>) {
  return context.action(async (_options: LimitOptions, command: Command): Promise<ExitCode> => {
    const flags = { flags: globalFlags(command) };
    const settings = readSettings(['redisUrl', 'queuePrefix', 'callsPerSecond'], context.environment, flags);
    const { queuePrefix, callsPerSecond } = settings;
    const report = await withRedis(settings, (client) =>
      work(new LiveLimitStore(client, queuePrefix, callsPerSecond)),
    );
    if (command.optsWithGlobals<LimitOptions>().json) context.output.printJson(report);
    else context.output.print(describeLimit(report));
    return exitCodes.done;
  });
}

function describeLimit({ callsPerSecond, setting, live }: LimitReport): string {
  if (live === null) return `${callsPerSecond} calls a second, as CALLS_PER_SECOND says.`;
  const by = live.by === undefined ? '' : ` by ${tameText(live.by)}`;
  const reason = live.reason === undefined ? '' : ` (${tameText(live.reason)})`;
  const since = new Date(live.since).toISOString();
  return `${callsPerSecond} calls a second instead of ${setting}, set${by} at ${since}${reason}. Back: tat-cancel limit reset`;
}
