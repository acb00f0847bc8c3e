import { type Command, Option } from 'commander';
import { EnqueueError, type InstanceRecord, type InstanceState } from '../../producer/index.js';
import { instanceStates } from '../../shared/ledger/index.js';
import { instanceIdSchema } from '../../shared/schemas.js';
import type { CliContext } from '../cli-context.js';
import { UsageError } from '../cli-errors.js';
import { readCliSettings } from '../cli-settings.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { withProducer } from '../open-producer.js';
import { addPagingOptions, type PagingOptions } from '../paging-options.js';
import { formatTable, quoteText } from '../text-format.js';

const closingHelp = `
With an instance id in place of a request id: what became of that instance, in the latest requests that asked for it.
Pages end with a whole job, so they can be somewhat longer than --limit.

Examples:
  $ tat-cancel instances req-m3x8k2p1f00dfeed
  $ tat-cancel instances req-m3x8k2p1f00dfeed --state dead-lettered withdrawn
  $ tat-cancel instances ins-5e6f7a8b`;

interface InstancesOptions extends PagingOptions {
  readonly state?: readonly string[];
}

interface Page {
  readonly instances: readonly InstanceRecord[];
  readonly nextCursor?: number;
}

/** `tat-cancel instances`: what became of each instance of a request, or of one instance. */
export function addInstancesCommand(parent: Command, context: CliContext): void {
  const instances = parent
    .command('instances')
    .usage('[options] <id>')
    .argument('[id]', 'a request, or an instance (ins-…, lhins-…, rins-…)')
    .addOption(
      new Option('--state <states...>', 'only those in these states')
        .choices([...instanceStates])
        .argParser((value, earlier: readonly string[] = []) => [...earlier, value]), // looked at in readQuestion
    );
  addPagingOptions(instances, { limit: 1_000, most: 100_000, about: 'about' })
    .addHelpText('after', closingHelp)
    .action(
      context.action(
        async (id: string | undefined, options: InstancesOptions, command: Command): Promise<ExitCode> => {
          const question = readQuestion(id, options.state);
          const settings = readCliSettings(context.environment, command);
          const { instances, nextCursor } = await readPage(question, options, settings);
          if (options.json) context.output.printJson({ instances, nextCursor: nextCursor ?? null });
          else context.output.print(describe(instances, nextCursor));
          return exitCodes.done;
        },
      ),
    );
}

interface Question {
  readonly id: string;
  readonly isInstance: boolean;
  readonly states?: readonly InstanceState[];
}

/**
 * An option that takes several values takes the id behind it, too.
 * @throws {UsageError}
 */
function readQuestion(givenId: string | undefined, given: readonly string[] | undefined): Question {
  const values = [...(given ?? [])];
  const id = givenId ?? (isState(values.at(-1) ?? '') ? undefined : values.pop());
  if (id === undefined) throw new UsageError("missing required argument 'id'");
  const states = values.filter(isState);
  const stranger = values.find((value) => !isState(value));
  if (stranger !== undefined || (given !== undefined && states.length === 0)) {
    throw new UsageError(
      `--state: ${quoteText(stranger ?? id)} is none. Allowed choices are ${instanceStates.join(', ')}.`,
    );
  }
  const isInstance = /^(?:ins|lhins|rinst?)-/.test(id);
  const parsed = instanceIdSchema.safeParse(id);
  if (isInstance && !parsed.success) {
    throw new UsageError(`${quoteText(id)} ${parsed.error.issues[0]?.message}`);
  }
  return { id, isInstance, ...(given === undefined ? {} : { states }) };
}

function isState(text: string): text is InstanceState {
  return (instanceStates as readonly string[]).includes(text);
}

async function readPage(
  { id, isInstance, states }: Question,
  { limit, cursor }: InstancesOptions,
  settings: ReturnType<typeof readCliSettings>,
): Promise<Page> {
  return await withProducer(settings, async (producer) => {
    if (isInstance) {
      const found = await producer.findInstance(id);
      return { instances: found.filter(({ state }) => states === undefined || states.includes(state)) };
    }
    if ((await producer.status(id)) === undefined) {
      throw new EnqueueError(
        'REQUEST_NOT_FOUND',
        `No request ${id} is known. tat-cancel requests lists them.`,
      );
    }
    const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
    return await producer.instances(id, { ...page, ...(states === undefined ? {} : { states }) });
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
