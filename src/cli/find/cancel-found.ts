import type { Command } from 'commander';
import type { Invoker } from '../../cloud/tat-invokers.js';
import type { LimitedAction } from '../../worker/cloud-limiters.js';
import { describeTargets } from '../cancel/cancel-tally.js';
import { type CarryOutOptions, carryOut, type EnqueueMore } from '../cancel/carry-out.js';
import type { CliContext } from '../cli-context.js';
import { InterruptedError, UsageError } from '../cli-errors.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { keepHeapSmall } from '../targets/keep-heap-small.js';
import type { RequestFacts } from '../targets/split-into-requests.js';
import { TargetCollection } from '../targets/target-collection.js';
import { countOf, formatCount } from '../text-format.js';
import { describeFindings, describeNothingFound, describeSchedules } from './describe-findings.js';
import { disableSchedules } from './disable-schedules.js';
import { findInvocations } from './find-invocations.js';
import type { FindOptions, Selection } from './find-options.js';
import { findSchedules, type Schedules } from './find-schedules.js';
import { type FindSettings, readFindSettings } from './find-settings.js';
import { findingsDocument } from './findings-document.js';
import { countInstances, type Findings } from './found-invocation.js';
import { withCloud } from './open-cloud.js';
import { SearchRounds } from './search-rounds.js';
import { YesNoQuestions } from './yes-no-questions.js';

export interface CancelFoundOptions extends FindOptions, CarryOutOptions {
  readonly region?: string;
  readonly key?: string;
}

interface Search {
  readonly findings: Findings;
  readonly schedules: Schedules;
  readonly calls: number;
}

/**
 * Finds what still runs, shows it, asks, and has it cancelled. Schedules are disabled first, so that nothing is started
 * behind the back of the cancel.
 * @throws {UsageError} when it would have to ask and nobody is there
 * @throws {CloudCallError} when the cloud cannot be asked
 * @throws {InterruptedError} when the answer is no; then nothing was done
 */
export async function cancelFound(
  selection: Selection,
  options: CancelFoundOptions,
  facts: RequestFacts,
  command: Command,
  context: CliContext,
): Promise<ExitCode> {
  const settings = readFindSettings(context.environment, command, { region: options.region });
  const asks = options.yes !== true && options.dryRun !== true;
  if (asks && context.stdin.isTTY !== true) {
    throw new UsageError(
      'What is found is cancelled after a confirmation, and there is no terminal to ask at: add --yes to cancel without asking, or --dry-run to look only.',
    );
  }
  keepHeapSmall();
  const search = await searchCloud(selection, settings, context);
  show(search, selection, settings, options, asks, context);
  const { findings, schedules, calls } = search;
  const targets = new TargetCollection();
  for (const found of findings.invocations) targets.add(found.region, found.invocationId, found.instanceIds);
  const toDisable = options.dryRun ? [] : await decide(search, targets, options, asks, context);
  const disabled = await disableSchedules(toDisable, settings, context);
  // Where somebody was to be asked and there was nothing to ask about, nothing is confirmed.
  const goesOn = options.untilQuiet && !options.dryRun && !(asks && findings.invocations.length === 0);
  const actions = actionsOf(selection);
  const rounds = new SearchRounds(
    { selection, facts, key: options.key, settings, context, actions },
    findings,
  );
  const manner = {
    ...{ options, hasPriority: command.getOptionValueSource('priority') !== 'default' },
    findMore: goesOn ? (enqueue: EnqueueMore) => rounds.run(enqueue) : undefined,
    further: () => ({
      ...findingsDocument({ findings: rounds.findings, schedules, calls: calls + rounds.calls, disabled }),
      ...(goesOn ? rounds.document : {}),
    }),
  };
  const exitCode = await carryOut({ targets, facts, key: options.key }, manner, settings, context);
  const isHalfDone =
    disabled.length < toDisable.length ||
    (options.disableInvokers === true && schedules.failure !== undefined);
  return exitCode === exitCodes.done && isHalfDone ? exitCodes.outOfReach : exitCode;
}

async function searchCloud(
  selection: Selection,
  settings: FindSettings,
  { clock, output }: CliContext,
): Promise<Search> {
  let told = 0;
  const onPage = (examined: number, total: number) => {
    if (!output.isLive || total < 1_000 || examined < told + 1_000) return;
    told = examined;
    output.say(`Looked at ${formatCount(examined)}, ${formatCount(total)} in the list …`);
  };
  const actions: readonly LimitedAction[] =
    selection.instanceIds.length === 0 && selection.commandIds.length > 0
      ? [...actionsOf(selection), 'DescribeInvokers']
      : actionsOf(selection);
  return await withCloud(settings, clock, actions, async (cloud) => {
    const { region } = settings;
    const findings = await findInvocations(cloud, region, selection, onPage);
    const schedules = await findSchedules(cloud, region, findings.invocations, selection, clock.now());
    return { findings, schedules, calls: cloud.calls };
  });
}

/** What every search acquires permits for. */
function actionsOf({ instanceIds }: Selection): readonly LimitedAction[] {
  return [instanceIds.length > 0 ? 'DescribeInvocationTasks' : 'DescribeInvocations'];
}

/** Shows the table where the question will be, or else among the results, and warns on stderr in any case. */
function show(
  { findings, schedules, calls }: Search,
  selection: Selection,
  { region }: FindSettings,
  options: CancelFoundOptions,
  asks: boolean,
  { output, clock }: CliContext,
): void {
  const text =
    findings.invocations.length > 0
      ? describeFindings(findings, schedules, calls, clock.now())
      : describeNothingFound(findings, placeOf(selection, region));
  if (asks && findings.invocations.length > 0) output.say(text);
  else if (!options.json) output.print(text);
  if (schedules.failure !== undefined) {
    output.warn(`Whether a schedule starts it again is not known. ${schedules.failure.message}`);
  }
  if (schedules.pending.length > 0) {
    const advice =
      asks || options.disableInvokers
        ? ''
        : `\nDisable ${schedules.pending.length === 1 ? 'it' : 'them'} with --disable-invokers.`;
    output.warn(`${describeSchedules(schedules.pending)}${advice}`);
  }
  if (findings.startedMeanwhile > 0) {
    output.warn(
      `${countOf(findings.startedMeanwhile, 'invocation')} joined the list during the search and may be missing above: run the command again afterwards.`,
    );
  }
}

/** Asks, if need be, and tells which schedules to disable. */
async function decide(
  { findings, schedules: { pending } }: Search,
  targets: TargetCollection,
  options: CancelFoundOptions,
  asks: boolean,
  context: CliContext,
): Promise<readonly Invoker[]> {
  const wanted = options.disableInvokers ? pending : [];
  if (!asks || (findings.invocations.length === 0 && pending.length === 0)) return wanted;
  const disabling = `isable ${countOf(pending.length, 'schedule')}`;
  const questions = new YesNoQuestions(context);
  if (findings.invocations.length > 0) {
    const later = options.untilQuiet ? ', and what else starts until it is quiet' : '';
    const also = `${later}${wanted.length > 0 ? `, and d${disabling}` : ''}`;
    const inAll = countOf(countInstances(findings.invocations), 'instance');
    const size = `${describeTargets(targets.counts, undefined)}${targets.counts.wholeInvocations > 0 ? `, ${inAll} in all` : ''}`;
    if (!(await questions.ask(`Cancel ${size}${also}?`))) {
      throw new InterruptedError('Not confirmed: nothing was cancelled.');
    }
    if (wanted.length > 0) return wanted;
  }
  if (pending.length === 0) return [];
  return (await questions.ask(`D${disabling}, so that nothing starts the command again?`)) ? pending : [];
}

function placeOf({ commandIds, instanceIds }: Selection, region: string): string {
  return [
    ...(commandIds.length > 0 ? [`of ${commandIds.join(', ')}`] : []),
    ...(instanceIds.length > 0 ? [`on ${instanceIds.join(', ')}`] : []),
    `in ${region}`,
  ].join(' ');
}
