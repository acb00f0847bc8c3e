import { mostInAnyWindow } from '../../src/simulator/index.js';
import type { ArrivedCall } from './api-process.js';

/** Calls per second between the first and the last one. */
export function callRate(calls: readonly ArrivedCall[]): number {
  const [first, last] = [calls[0], calls.at(-1)];
  if (first === undefined || last === undefined || calls.length < 2) return 0;
  return ((calls.length - 1) * 1_000) / (last.atMs - first.atMs);
}

/** The highest number of calls within any sliding second. */
export function mostInOneSecond(calls: readonly ArrivedCall[]): number {
  return mostInAnyWindow(
    calls.map(({ atMs }) => atMs),
    1_000,
  );
}

export function refusedCalls(calls: readonly ArrivedCall[]): number {
  return calls.filter(({ code }) => code.startsWith('RequestLimitExceeded')).length;
}

/** The value that a share of all values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}
