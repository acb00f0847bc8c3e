import { describe, expect, it } from 'vitest';
import { createFailure } from '../../src/shared/failure-table.js';
import { retryDelayMs } from '../../src/worker/retry-delay.js';

const glitch = createFailure('InternalError', 'no');
const quota = createFailure('LimitExceeded', 'no');
const earliest = () => 0;
const latest = () => 1;

describe('the wait before the next attempt', () => {
  it('doubles from attempt to attempt, the upper half of it at random', () => {
    const ranges = [1, 2, 3].map((attempt) => [
      retryDelayMs(attempt, glitch, earliest),
      retryDelayMs(attempt, glitch, latest),
    ]);
    expect(ranges).toEqual([
      [250, 500],
      [500, 1_000],
      [1_000, 2_000],
    ]);
  });

  it('is ten times as long for a quota of the account', () => {
    expect(retryDelayMs(1, quota, latest)).toBe(5_000);
    expect(retryDelayMs(2, quota, latest)).toBe(10_000);
  });

  it.each([
    ['a glitch', glitch, 60_000],
    ['a quota', quota, 300_000],
  ])('grows for %s up to a bound', (_kind, failure, longestMs) => {
    expect(retryDelayMs(50, failure, latest)).toBe(longestMs);
    expect(retryDelayMs(2_000, failure, latest)).toBe(longestMs);
  });

  it('differs from job to job by default', () => {
    const delays = new Set(Array.from({ length: 20 }, () => retryDelayMs(5, glitch)));
    expect(delays.size).toBeGreaterThan(10);
  });
});
