import type { EnqueuedRequest } from '../../producer/index.js';
import type { CliContext } from '../cli-context.js';
import type { CliSettings } from '../cli-settings.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { type CancelTally, describeTally, describeTargets, tallyOf } from './cancel-tally.js';
import { type CancelBatch, enqueueTargets, planTargets } from './enqueue-targets.js';
import { adviseUrgency } from './urgency-advice.js';

export interface CarryOutOptions {
  readonly watch?: true;
  readonly json?: true;
  readonly dryRun?: true;
}

/** Enqueues one more batch, as the first one was. */
export type EnqueueMore = (batch: CancelBatch) => Promise<void>;

export interface Manner {
  readonly options: CarryOutOptions;
  /** Somebody chose what goes first. */
  readonly hasPriority: boolean;
  /** The invocation that all targets belong to, if only one was named. */
  readonly onlyInvocation?: string | undefined;
  /** Finds more to enqueue, after the first batch and before anything is watched. */
  readonly findMore?: ((enqueue: EnqueueMore) => Promise<ExitCode>) | undefined;
  /** Further members of the document that --json prints, as they stand at the end. */
  readonly further?: () => object;
}

/**
 * Enqueues the targets, or plans to with --dry-run, says so, and watches if asked to. Whatever goes wrong afterwards,
 * --json tells what was enqueued.
 * @throws {EnqueueError} as the producer does
 * @throws {InterruptedError} on a signal
 */
export async function carryOut(
  batch: CancelBatch,
  manner: Manner,
  settings: CliSettings,
  context: CliContext,
): Promise<ExitCode> {
  const { options, hasPriority, findMore, further = () => ({}) } = manner;
  const { output } = context;
  if (options.dryRun) {
    const described = describeBatch(batch, manner);
    const plan = planTargets(batch, settings);
    if (options.json) output.printJson({ ...toDocument(plan, true), ...further() });
    else if (plan.jobs > 0) output.print(describeTally(plan, described, batch.targets.counts.doubled, true));
    return exitCodes.done;
  }
  const requests: EnqueuedRequest[] = [];
  const enqueue = async (each: CancelBatch) => {
    if (each.targets.counts.instances === 0) return;
    const described = describeBatch(each, manner);
    const tally = await enqueueTargets(each, settings, context, (request) => requests.push(request));
    if (!options.json) output.print(describeTally(tally, described, each.targets.counts.doubled, false));
  };
  const printDocument = (more: object = {}) => {
    if (options.json) output.printJson({ ...toDocument(tallyOf(requests), false), ...further(), ...more });
  };
  try {
    await enqueue(batch);
    if (!hasPriority) await adviseUrgency(tallyOf(requests), settings, context);
    const exitCode = (await findMore?.(enqueue)) ?? exitCodes.done;
    if (!options.watch || requests.length === 0) {
      printDocument();
      return exitCode;
    }
    const requestIds = requests.map(({ requestId }) => requestId);
    const { watchRequests } = await import('../watch/watch-requests.js');
    const watched = await watchRequests(requestIds, settings, context, { print: !options.json });
    printDocument({ outcome: watched.outcome });
    return exitCode === exitCodes.done ? watched.exitCode : exitCode;
  } catch (error) {
    if (requests.length > 0) printDocument({ outcome: null });
    throw error;
  }
}

function describeBatch({ targets }: CancelBatch, { onlyInvocation }: Manner): string {
  return describeTargets(targets.counts, onlyInvocation);
}

function toDocument({ requests, instances, jobs }: CancelTally, isPlan: boolean): object {
  if (!isPlan) return { requestId: requests[0]?.requestId ?? null, requests, instances, jobs };
  const planned = requests.map((request) => ({ ...request, requestId: null }));
  return { dryRun: true, requestId: null, requests: planned, instances, jobs };
}
