import type { RequestProgress } from '../../producer/index.js';
import type { BlockedState } from '../../shared/blocked-state.js';
import { instanceStates } from '../../shared/ledger/index.js';
import { countOverdueProofs } from '../../shared/overdue-proof.js';
import type { Output, Style } from '../output.js';
import { countOf, formatCount, formatDuration, formatTable, tameText } from '../text-format.js';

const styleOfState: Readonly<Record<RequestProgress['state'], Style>> = {
  waiting: 'yellow',
  running: 'cyan',
  finished: 'green',
  withdrawn: 'gray',
};

/** A request on a few lines, for people. */
export function describeStatus(progress: RequestProgress, output: Output, nowMs: number): string {
  const { counts } = progress;
  const states = instanceStates
    .filter((name) => counts[name] > 0)
    .map((name) => [`  ${name}`, formatCount(counts[name])]);
  const hindrance = hindranceOf(progress);
  return [
    formatTable(factsOf(progress, output, nowMs)),
    formatTable([['Instances', formatCount(progress.total)], ...states], [1]),
    ...(hindrance === undefined ? [] : [output.paint('red', hindrance)]),
    ...(counts['dead-lettered'] === 0
      ? []
      : [`Why: tat-cancel dead-letters list --request ${progress.requestId}`]),
  ].join('\n');
}

function factsOf(progress: RequestProgress, output: Output, nowMs: number): string[][] {
  const { state, label, reason, requestedBy, settledAt, calls, callsPerSecond, damaged } = progress;
  const timeToGo = describeTimeToGo(progress, nowMs);
  const pace = callsPerSecond === undefined ? '' : `, ${callsPerSecond.toFixed(1)} a second`;
  return [
    ['Request', progress.requestId],
    ['State', output.paint(styleOfState[state], state)],
    ['Priority', progress.priority],
    ...(damaged === undefined
      ? []
      : [['Damaged', `what Redis holds of ${tameText(damaged.join(', '))} cannot be read`]]),
    ...(label === undefined ? [] : [['Label', tameText(label)]]),
    ...(reason === undefined ? [] : [['Reason', tameText(reason)]]),
    ...(requestedBy === undefined ? [] : [['Requested by', tameText(requestedBy)]]),
    ['Accepted', progress.acceptedAt],
    ...(settledAt === undefined ? [] : [['Settled', settledAt]]),
    ['Calls', `${formatCount(calls)}${pace}`],
    ...(progress.timeToStopMs === undefined
      ? []
      : [['Time to stop', describeTimeToStop(progress.timeToStopMs)]]),
    ...(progress.webhook === undefined ? [] : [['Webhook', describeWebhook(progress.webhook)]]),
    ...(timeToGo === undefined ? [] : [['To go', timeToGo]]),
  ];
}

function describeTimeToGo(progress: RequestProgress, nowMs: number): string | undefined {
  const { etaSeconds, damaged } = progress;
  if (etaSeconds === null || damaged !== undefined) return undefined;
  const overdue = countOverdueProofs(progress, nowMs);
  return overdue > 0 ? describeOverdue(overdue) : `about ${formatDuration(etaSeconds * 1_000)}`;
}

/** In place of an estimate, which would be wrong from one look to the next. */
export function describeOverdue(instances: number): string {
  return `waiting for proof of ${formatCount(instances)}`;
}

function describeTimeToStop({ p50, p99 }: NonNullable<RequestProgress['timeToStopMs']>): string {
  return `half within ${formatDuration(p50)}, 99 % within ${formatDuration(p99)}`;
}

function describeWebhook({ url, state, attempts, error }: NonNullable<RequestProgress['webhook']>): string {
  const trouble = error === undefined ? '' : `: ${tameText(error)}`;
  return `${state} after ${countOf(attempts, 'attempt')}, ${tameText(url)}${trouble}`;
}

/** What keeps an unfinished request from getting on, and what to do about it. */
export function hindranceOf({
  held,
  paused,
  etaSeconds,
  settledAt,
}: Pick<RequestProgress, 'held' | 'paused' | 'etaSeconds' | 'settledAt'>): string | undefined {
  if (settledAt !== undefined) return undefined;
  if (held !== null) return describeHeld(held);
  if (paused) return 'Paused by hand: no calls are made until `tat-cancel resume`.';
  return etaSeconds === null ? 'No worker runs: start one with tat-cancel worker.' : undefined;
}

function describeHeld({ code, message, since, region }: BlockedState): string {
  return `Held since ${new Date(since).toISOString()}: ${code} in ${region}. ${tameText(message)}\nNo calls are made until that is mended; nothing is lost meanwhile.`;
}
