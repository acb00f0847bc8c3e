import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaPath, scaleTop, stepPath, valuesOf } from '../../../src/dashboard/now/plot-geometry.js';

describe('the plot', () => {
  it('gives each second a step, with zero at the bottom', () => {
    expect(stepPath([0, 10, 10, 5], 20, 100)).toBe('M0 100H1V50H3V75H4');
    expect(areaPath([20], 20, 100)).toBe('M0 0H1V100H0Z');
    expect(stepPath([], 20, 100)).toBe('');
  });

  it('counts seconds nobody knows of as nothing, and drops those before its span', () => {
    const seconds = [1, 7, 9].map((second) => ({ second, calls: second, instances: 0, refusals: 0 }));
    expect(valuesOf(seconds, ({ calls }) => calls, 4)).toEqual({ first: 6, values: [0, 7, 0, 9] });
  });

  it('has room for the largest value, but not for twice as much again', () => {
    fc.assert(
      fc.property(fc.double({ min: 5.1, max: 1e6, noNaN: true }), (largest) => {
        const top = scaleTop(largest);
        expect(top).toBeGreaterThanOrEqual(largest);
        expect(top).toBeLessThan(largest * 2.01);
      }),
    );
  });
});
