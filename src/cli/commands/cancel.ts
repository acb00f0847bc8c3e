import { type Command, Option } from 'commander';
import { prioritySchema } from '../../shared/schemas.js';
import { carryOut } from '../cancel/carry-out.js';
import { checkFacts, type FactOptions } from '../cancel/check-facts.js';
import { chooseTargets } from '../cancel/choose-targets.js';
import type { CliContext } from '../cli-context.js';
import { readCliSettings } from '../cli-settings.js';
import type { ExitCode } from '../exit-code.js';
import { type CancelFoundOptions, cancelFound } from '../find/cancel-found.js';
import { addFindOptions, readSelection } from '../find/find-options.js';

const closingHelp = `
Without instance ids the whole invocation is cancelled.

--command, --instance and --all-running ask the cloud what has not finished, so that nobody has to collect ids. What is
found is shown and cancelled after a yes, or with --yes. They need the cloud's key, as workers do, and the region. With
--until-quiet the search is repeated every few seconds, and what has started since is cancelled, too; exit code 1 says that
it was not quiet after ten minutes.

Lines of a file (- is standard input), UTF-8, with or without a CSV header; blank lines and # comments are skipped:
  inv-1a2b3c4d                              the whole invocation
  inv-1a2b3c4d,ins-5e6f7a8b                 one instance of it
  inv-1a2b3c4d,ins-5e6f7a8b,ap-guangzhou    in a region of its own
  {"invocationId": "inv-1a2b3c4d", "instanceIds": ["ins-5e6f7a8b"], "region": "ap-guangzhou"}
If any line is bad, every bad line is named and nothing is enqueued.

More than 100,000 instances become several requests under one label. If that is cut off, run the same command again: it
goes on where it stopped, because the requests get idempotency keys, made from --key or else from their content. So
running it again later finds the first requests; give a new --key to cancel the same targets once more. A single request
without --key is a new one each time.

Examples:
  $ tat-cancel cancel --command cmd-1a2b3c4d --region ap-singapore --watch
  $ tat-cancel cancel --command cmd-1a2b3c4d --yes --until-quiet --priority urgent --watch
  $ tat-cancel cancel --all-running --since 30m --dry-run
  $ tat-cancel cancel inv-1a2b3c4d --region ap-singapore
  $ tat-cancel cancel inv-1a2b3c4d ins-5e6f7a8b ins-9c0d1e2f --reason "bad rollout" --watch
  $ tat-cancel cancel --file targets.csv --region ap-singapore --key incident-4711 --json
  $ grep ap-tokyo targets.csv | tat-cancel cancel --file - --dry-run`;

interface CancelOptions extends FactOptions, CancelFoundOptions {
  readonly file?: string;
}

/** `tat-cancel cancel`: enqueues one cancel request, or several for a large file. */
export function addCancelCommand(parent: Command, context: CliContext): void {
  const command = parent
    .command('cancel')
    .argument('[invocationId]', 'invocation to cancel (inv-…)')
    .argument('[instanceIds...]', 'its instances to stop (ins-…, lhins-…, rins-…); none for all of them')
    .option('-f, --file <path>', 'read targets from a CSV or NDJSON file; - for standard input');
  addFindOptions(command)
    .option(
      '-r, --region <region>',
      'region of targets that name none, and where to look (TENCENTCLOUD_REGION)',
    )
    .option(
      '-k, --key <key>',
      'idempotency key: the same key and content is one request, however often it is sent',
    )
    .addOption(
      new Option('-p, --priority <priority>', 'what goes first')
        .choices(prioritySchema.options)
        .default('normal'),
    )
    .option('--reason <text>', 'why, for whoever reads it later')
    .option('--requested-by <name>', 'who wants it')
    .option('--no-confirm', 'do not wait for proof that the tasks stopped: accepted by the cloud is the end')
    .option('--label <label>', 'shared by requests that belong together')
    .option('--webhook <url>', 'POST there when every instance has its outcome')
    .option(
      '-w, --watch',
      'show progress until every instance has its outcome; exit code 1 if some were dead-lettered',
    )
    .option('--json', 'print one JSON document')
    .option('--dry-run', 'check and plan only; nothing is enqueued')
    .addHelpText('after', closingHelp)
    .action(
      context.action((invocationId, instanceIds: string[], options: CancelOptions, command: Command) =>
        cancel(invocationId, instanceIds, options, command, context),
      ),
    );
}

async function cancel(
  invocationId: string | undefined,
  instanceIds: readonly string[],
  options: CancelOptions,
  command: Command,
  context: CliContext,
): Promise<ExitCode> {
  const selection = readSelection(options, { invocationId, file: options.file }, context.clock.now());
  const facts = checkFacts(options);
  if (selection !== undefined) return await cancelFound(selection, options, facts, command, context);
  const settings = readCliSettings(context.environment, command, { region: options.region });
  const targets = await chooseTargets(
    { invocationId, instanceIds, file: options.file },
    settings.region,
    context,
  );
  const batch = { targets, facts, key: options.key };
  const hasPriority = command.getOptionValueSource('priority') !== 'default';
  const manner = { options, hasPriority, onlyInvocation: invocationId };
  return await carryOut(batch, manner, settings, context);
}
