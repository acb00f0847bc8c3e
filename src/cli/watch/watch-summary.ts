import { instanceStates } from '../../shared/ledger/index.js';
import { formatCount, formatDuration, formatTable } from '../text-format.js';
import type { WatchedTotal } from './watched-total.js';

export type CodeCounts = readonly (readonly [code: string, instances: number])[];

/** The closing table: instances by outcome, calls, time, and dead letters by code. */
export function describeOutcome(watched: WatchedTotal, deadLetterCodes: CodeCounts): string {
  const { counts, total, calls } = watched;
  const outcomes = instanceStates
    .filter((state) => counts[state] > 0)
    .map((state) => [`  ${state}`, formatCount(counts[state])]);
  const codes = deadLetterCodes.map(([code, instances]) => [`    ${code}`, formatCount(instances)]);
  const deadAt = outcomes.findIndex(([name]) => name === '  dead-lettered');
  if (deadAt >= 0) outcomes.splice(deadAt + 1, 0, ...codes);
  const pace = callsPerSecondOf(watched);
  const rows = [
    ['Instances', formatCount(total)],
    ...outcomes,
    ['Calls', formatCount(calls)],
    ...(pace === undefined ? [] : [['Calls/s', pace.toFixed(1)]]),
    ['Time', formatDuration(durationOf(watched))],
  ];
  return formatTable(rows, [1]);
}

/** From the first call to the last one; undefined when there were fewer than two. */
export function callsPerSecondOf({ calls, firstCallAt, lastCallAt }: WatchedTotal): number | undefined {
  if (calls < 2 || firstCallAt === undefined || lastCallAt === undefined) return undefined;
  const seconds = (Date.parse(lastCallAt) - Date.parse(firstCallAt)) / 1_000;
  return seconds > 0 ? (calls - 1) / seconds : undefined;
}

/** From acceptance to the last outcome, in ms. */
export function durationOf({ acceptedAt, settledAt, lastCallAt }: WatchedTotal): number {
  const end = settledAt ?? lastCallAt;
  return end === undefined ? 0 : Math.max(0, Date.parse(end) - Date.parse(acceptedAt));
}
