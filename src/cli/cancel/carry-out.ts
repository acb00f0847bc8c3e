import type { CliContext } from '../cli-context.js';
import type { CliSettings } from '../cli-settings.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import { watchRequests } from '../watch/watch-requests.js';
import { type CancelTally, describeTally, describeTargets } from './cancel-tally.js';
import { type CancelBatch, enqueueTargets, planTargets } from './enqueue-targets.js';

export interface CarryOutOptions {
  readonly watch?: true;
  readonly json?: true;
  readonly dryRun?: true;
}

export interface Manner {
  readonly options: CarryOutOptions;
  /** The invocation that all targets belong to, if only one was named. */
  readonly onlyInvocation?: string | undefined;
  /** Further members of the document that --json prints. */
  readonly further?: object;
}

/**
 * Enqueues the targets, or plans to with --dry-run, says so, and watches if asked to.
 * @throws {EnqueueError} as the producer does
 * @throws {InterruptedError} on a signal
 */
export async function carryOut(
  batch: CancelBatch,
  { options, onlyInvocation, further = {} }: Manner,
  settings: CliSettings,
  context: CliContext,
): Promise<ExitCode> {
  const json = options.json === true;
  const dryRun = options.dryRun === true;
  const { doubled } = batch.targets.counts;
  const described = describeTargets(batch.targets.counts, onlyInvocation);
  const tally = dryRun ? planTargets(batch, settings) : await enqueueTargets(batch, settings, context);
  const watched = options.watch === true && !dryRun;
  const document = { ...toDocument(tally, dryRun), ...further };
  if (!json) context.output.print(describeTally(tally, described, doubled, dryRun));
  else if (!watched) context.output.printJson(document);
  if (!watched) return exitCodes.done;
  const requestIds = tally.requests.map(({ requestId }) => requestId);
  const { exitCode, outcome } = await watchRequests(requestIds, settings, context, { print: !json });
  if (json) context.output.printJson({ ...document, outcome });
  return exitCode;
}

/** What --json prints when there is nothing to enqueue. */
export function emptyDocument(further: object, { dryRun }: CarryOutOptions): object {
  return { ...toDocument({ requests: [], instances: 0, jobs: 0 }, dryRun === true), ...further };
}

function toDocument({ requests, instances, jobs }: CancelTally, isPlan: boolean): object {
  if (!isPlan) return { requestId: requests[0]?.requestId ?? null, requests, instances, jobs };
  const planned = requests.map((request) => ({ ...request, requestId: null }));
  return { dryRun: true, requestId: null, requests: planned, instances, jobs };
}
