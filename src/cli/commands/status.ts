import type { Command } from 'commander';
import { type HeldState, HeldStateStore } from '../../shared/held-state.js';
import { type RequestStatus, RequestStatusReader } from '../../shared/ledger/index.js';
import type { CliContext } from '../cli-context.js';
import { type CliSettings, readCliSettings } from '../cli-settings.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { withRedis } from '../redis-access.js';
import { describeStatus } from '../watch/describe-status.js';
import { estimateEtaSeconds } from '../watch/estimate-eta.js';
import { known, watchRequests } from '../watch/watch-requests.js';

const closingHelp = `
etaSeconds counts to the last call, at least; it is null while work is held. --watch ends with exit code 1 if instances
were dead-lettered; Ctrl-C ends the watching only.

Examples:
  $ tat-cancel status req-m3x8k2p1f00dfeed
  $ tat-cancel status req-m3x8k2p1f00dfeed --watch
  $ tat-cancel status req-m3x8k2p1f00dfeed --json | jq .counts`;

interface StatusOptions {
  readonly watch?: true;
  readonly json?: true;
}

/** `tat-cancel status`: how one request gets on. */
export function addStatusCommand(parent: Command, context: CliContext): void {
  parent
    .command('status')
    .description('show how a cancel request gets on, in instances')
    .argument('<requestId>', 'as printed by cancel')
    .option('-w, --watch', 'show progress until every instance has its outcome')
    .option('--json', 'print one JSON document')
    .addHelpText('after', closingHelp)
    .action(
      context.action((requestId: string, options: StatusOptions, command: Command) =>
        showStatus(requestId, options, command, context),
      ),
    );
}

async function showStatus(
  requestId: string,
  options: StatusOptions,
  command: Command,
  context: CliContext,
): Promise<ExitCode> {
  const settings = readCliSettings(context.environment, command);
  const { output } = context;
  let exitCode: ExitCode = exitCodes.done;
  if (options.watch) {
    ({ exitCode } = await watchRequests([requestId], settings, context, { print: !options.json }));
    if (!options.json) return exitCode;
  }
  const { status, held } = await readStatus(requestId, settings);
  const { callsPerSecond } = settings;
  const etaSeconds = estimateEtaSeconds(status, { callsPerSecond, isHeld: held !== undefined });
  if (options.json) output.printJson(toDocument(status, held, etaSeconds));
  else output.print(describeStatus({ status, held, etaSeconds }, output));
  return exitCode;
}

async function readStatus(
  requestId: string,
  settings: CliSettings,
): Promise<{ status: RequestStatus; held: HeldState | undefined }> {
  return await withRedis(settings, ({ client, prefix, ask }) =>
    ask(async () => ({
      status: known(requestId, await new RequestStatusReader(client, prefix).read(requestId)),
      held: await new HeldStateStore(client, prefix).read(),
    })),
  );
}

function toDocument(status: RequestStatus, held: HeldState | undefined, etaSeconds: number | null): object {
  return {
    ...status,
    etaSeconds,
    held: held === undefined ? null : { ...held, since: new Date(held.since).toISOString() },
  };
}
