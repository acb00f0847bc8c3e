import { type Command, Option } from 'commander';
import { EnqueueError, type InstanceRecord, type InstanceState } from '../../producer/index.js';
import { instanceStates } from '../../shared/ledger/index.js';
import type { CliContext } from '../cli-context.js';
import { readCliSettings } from '../cli-settings.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { withProducer } from '../open-producer.js';
import { addPagingOptions, type PagingOptions } from '../paging-options.js';
import { formatTable } from '../text-format.js';

const closingHelp = `
With an instance id in place of a request id: what became of that instance, in the latest requests that asked for it.
Pages end with a whole job, so they can be somewhat longer than --limit.

Examples:
  $ tat-cancel instances req-m3x8k2p1f00dfeed
  $ tat-cancel instances req-m3x8k2p1f00dfeed --state dead-lettered withdrawn
  $ tat-cancel instances ins-5e6f7a8b`;

interface InstancesOptions extends PagingOptions {
  readonly state?: readonly InstanceState[];
}

interface Page {
  readonly instances: readonly InstanceRecord[];
  readonly nextCursor?: number;
}

/** `tat-cancel instances`: what became of each instance of a request, or of one instance. */
export function addInstancesCommand(parent: Command, context: CliContext): void {
  const instances = parent
    .command('instances')
    .description('list what became of each instance of a request, or of one instance')
    .argument('<id>', 'a request, or an instance (ins-…, lhins-…, rins-…)')
    .addOption(new Option('--state <states...>', 'only those in these states').choices([...instanceStates]));
  addPagingOptions(instances, { limit: 1_000, most: 100_000, about: 'about' })
    .addHelpText('after', closingHelp)
    .action(
      context.action(async (id: string, options: InstancesOptions, command: Command): Promise<ExitCode> => {
        const settings = readCliSettings(context.environment, command);
        const { instances, nextCursor } = await readPage(id, options, settings);
        if (options.json) context.output.printJson({ instances, nextCursor: nextCursor ?? null });
        else context.output.print(describe(instances, nextCursor));
        return exitCodes.done;
      }),
    );
}

async function readPage(
  id: string,
  { state, limit, cursor }: InstancesOptions,
  settings: ReturnType<typeof readCliSettings>,
): Promise<Page> {
  return await withProducer(settings, async (producer) => {
    if (/^(?:ins|lhins|rinst?)-/.test(id)) {
      const found = await producer.findInstance(id);
      return { instances: found.filter((record) => state === undefined || state.includes(record.state)) };
    }
    if ((await producer.status(id)) === undefined) {
      throw new EnqueueError(
        'REQUEST_NOT_FOUND',
        `No request ${id} is known. tat-cancel requests lists them.`,
      );
    }
    const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
    return await producer.instances(id, { ...page, ...(state === undefined ? {} : { states: state }) });
  });
}

function describe(instances: readonly InstanceRecord[], nextCursor: number | undefined): string {
  if (instances.length === 0) return 'No instances.';
  const rows = instances.map(
    ({ instanceId, state, taskStatus, invocationId, region, requestId, cloudRequestId }) => [
      instanceId ?? '(all of it)',
      state,
      taskStatus ?? '-',
      invocationId,
      region,
      requestId,
      cloudRequestId ?? '-',
    ],
  );
  const head = ['INSTANCE', 'STATE', 'TASK', 'INVOCATION', 'REGION', 'REQUEST', 'CLOUD REQUEST'];
  const more =
    nextCursor === undefined ? '' : `\nThere are more: the same command with --cursor ${nextCursor}`;
  return formatTable([head, ...rows]) + more;
}
