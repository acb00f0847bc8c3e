import type { Invoker } from '../../cloud/tat-invokers.js';
import { countOf, formatCount, formatTable, tameText } from '../text-format.js';
import type { Schedules } from './find-schedules.js';
import { countInstances, type Findings, type FoundInvocation } from './found-invocation.js';

/** More rows than this hide the question below them; --json has them all. */
const mostRows = 50;

/** What was found, as a headline and a table. */
export function describeFindings(
  { invocations, examined }: Findings,
  schedules: Schedules,
  calls: number,
  nowMs: number,
): string {
  const instances = countInstances(invocations);
  const headline = `Found ${countOf(invocations.length, 'unfinished invocation')} on ${countOf(instances, 'instance')}, among ${formatCount(examined)} (${countOf(calls, 'call')}).`;
  const head = ['INVOCATION', 'REGION', 'COMMAND', 'INSTANCES', 'STATES', 'STARTED', 'BY'];
  const rows = invocations
    .slice(0, mostRows)
    .map((found) => toRow(found, schedules.startedBy.get(found.invocationId), nowMs));
  const rest = invocations.length - rows.length;
  return [
    headline,
    formatTable([head, ...rows], [3]),
    ...(rest > 0 ? [`… and ${formatCount(rest)} more, started earlier (--dry-run --json lists all)`] : []),
  ].join('\n');
}

/** Why there is nothing to cancel. `place` is where was looked. */
export function describeNothingFound({ examined }: Findings, place: string): string {
  if (examined === 0) {
    return `Nothing to cancel: the cloud knows no invocation ${place}. Check region and account if that is a surprise.`;
  }
  return `Nothing to cancel: of ${countOf(examined, 'invocation')} ${place}, none is unfinished.`;
}

/** One line for each schedule that would start a command again. */
export function describeSchedules(pending: readonly Invoker[]): string {
  const lines = pending.map(({ invokerId, name, commandId, policy, recurrence, invokeTime }) => {
    const when =
      policy === 'ONCE' ? `at ${tameText(invokeTime)}` : `by "${tameText(recurrence)}", Beijing time`;
    return `  ${nameOf(invokerId, name)} starts ${commandId} again ${when}`;
  });
  return [`${countOf(pending.length, 'schedule')} will start what is cancelled here again:`, ...lines].join(
    '\n',
  );
}

/** An id with the name that people gave it, cut to what a table can bear. */
export function nameOf(id: string, name: string): string {
  const tame = tameText(name);
  if (tame === '') return id;
  return `${id} ${tame.length > 24 ? `${tame.slice(0, 23)}…` : tame}`;
}

function toRow(found: FoundInvocation, starter: Invoker | undefined, nowMs: number): string[] {
  return [
    found.invocationId,
    found.region,
    nameOf(found.commandId, found.commandName),
    instancesOf(found),
    [...found.states]
      .sort(([, one], [, other]) => other - one)
      .map(
        ([status, count]) => `${formatCount(count)} ${tameText(status).toLowerCase().replaceAll('_', ' ')}`,
      )
      .join(', '),
    startOf(found, nowMs),
    found.isScheduled
      ? starter === undefined
        ? 'a schedule'
        : nameOf(starter.invokerId, starter.name)
      : 'user',
  ];
}

function instancesOf({ instanceIds, unfinished, instances }: FoundInvocation): string {
  if (instanceIds === undefined) return unfinished === 0 ? 'all' : `all ${formatCount(unfinished)}`;
  const part = formatCount(unfinished);
  return instances === undefined ? part : `${part} of ${formatCount(instances)}`;
}

/** The time of day and the age, or the date for what is older than a day. */
function startOf({ createdAtMs }: FoundInvocation, nowMs: number): string {
  if (Number.isNaN(createdAtMs)) return 'unknown';
  const iso = new Date(createdAtMs).toISOString();
  const minutes = Math.floor((nowMs - createdAtMs) / 60_000);
  if (minutes >= 24 * 60 || minutes < -1) return `${iso.slice(0, 10)} ${iso.slice(11, 16)}Z`;
  const age =
    minutes < 1 ? 'just now' : minutes < 60 ? `${minutes} min ago` : `${Math.floor(minutes / 60)} h ago`;
  return `${iso.slice(11, 19)}Z, ${age}`;
}
