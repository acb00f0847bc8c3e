import { describe, expect, it } from 'vitest';
import {
  horizonMs,
  intervalFor,
  mostOutstanding,
  pathJitterMs,
  toleranceMs,
  windowMs,
} from '../../../src/shared/rate-limiter/window.js';

describe('intervalFor', () => {
  it('keeps 20 calls a second 52 ms apart when the window is full', () => {
    expect(intervalFor(20)).toBe(52);
  });

  it.each([0, -1, 0.5, Number.NaN, 1_001])('refuses %d calls a second', (callsPerSecond) => {
    expect(() => intervalFor(callsPerSecond)).toThrow(RangeError);
  });
});

describe('the window', () => {
  it('is longer than a second by the jitter of the path, and takes in what may leave late', () => {
    expect(windowMs).toBe(1_000 + pathJitterMs);
    // The N-th latest call of a full window must be known by the time that it counts.
    expect(toleranceMs + horizonMs).toBeLessThan(windowMs);
  });

  it.each([1, 2, 3, 20, 1_000])('never has more than three quarters of %d calls outstanding', (calls) => {
    expect(mostOutstanding(calls)).toBeGreaterThanOrEqual(1);
    expect(mostOutstanding(calls)).toBeLessThanOrEqual(0.75 * calls + 0.75);
  });
});
