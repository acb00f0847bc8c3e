import type { Failure } from '../shared/failure.js';

const firstDelayMs = 500;
const longestDelayMs = 60_000;
// A quota does not come free within a second, so asking soon would only spend the budget.
const firstLongDelayMs = 5_000;
const longestLongDelayMs = 300_000;

/**
 * How long a job waits after its n-th failed attempt (n from 1): doubling each time, the upper half of it at random,
 * so that jobs which failed apart do not come back together. Jobs of one call share one delay and meet again.
 */
export function retryDelayMs(attempt: number, failure: Failure, random: () => number = Math.random): number {
  const [first, longest] = failure.longBackoff
    ? [firstLongDelayMs, longestLongDelayMs]
    : [firstDelayMs, longestDelayMs];
  const full = Math.min(longest, first * 2 ** (attempt - 1));
  return Math.round(full / 2 + (full / 2) * random());
}
