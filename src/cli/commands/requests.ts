import type { Command } from 'commander';
import type { RequestStatus } from '../../producer/index.js';
import type { CliContext } from '../cli-context.js';
import { readCliSettings } from '../cli-settings.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { withProducer } from '../open-producer.js';
import { addPagingOptions, type PagingOptions } from '../paging-options.js';
import { formatCount, formatTable, tameText } from '../text-format.js';
import { countDone } from '../watch/watched-total.js';

const closingHelp = `
Newest first. When there are more than --limit, the last line (with --json: nextCursor) says how to get the next ones.

Examples:
  $ tat-cancel requests
  $ tat-cancel requests --label rollout-4711 --json | jq -r '.requests[].requestId'`;

interface RequestsOptions extends PagingOptions {
  readonly label?: string;
}

/** `tat-cancel requests`: cancel requests and how they get on, in pages. */
export function addRequestsCommand(parent: Command, context: CliContext): void {
  const requests = parent.command('requests').option('--label <label>', 'only those with this label');
  addPagingOptions(requests, { limit: 50, most: 1_000 })
    .addHelpText('after', closingHelp)
    .action(
      context.action(async (options: RequestsOptions, command: Command): Promise<ExitCode> => {
        const settings = readCliSettings(context.environment, command);
        const { json, ...page } = options;
        const { requests, nextCursor } = await withProducer(settings, (producer) => producer.requests(page));
        if (json) context.output.printJson({ requests, nextCursor: nextCursor ?? null });
        else context.output.print(describe(requests, nextCursor, options.limit));
        return exitCodes.done;
      }),
    );
}

function describe(requests: readonly RequestStatus[], nextCursor: number | undefined, limit: number): string {
  if (requests.length === 0) return 'No requests.';
  const rows = requests.map((request) => [
    request.acceptedAt,
    request.requestId,
    request.state,
    formatCount(request.total),
    formatCount(countDone(request)),
    formatCount(request.counts['dead-lettered']),
    describeOrigin(request),
  ]);
  const head = ['ACCEPTED', 'REQUEST', 'STATE', 'INSTANCES', 'SETTLED', 'DEAD', 'LABEL · BY · REASON'];
  const more =
    nextCursor === undefined
      ? ''
      : `\nThere are more: the same command with --cursor ${nextCursor} --limit ${limit}`;
  return formatTable([head, ...rows], [3, 4, 5]) + more;
}

function describeOrigin({ label, requestedBy, reason }: RequestStatus): string {
  return tameText([label, requestedBy, reason].filter((text) => text !== undefined).join(' · ')).slice(0, 80);
}
