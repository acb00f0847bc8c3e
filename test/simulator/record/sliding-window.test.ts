import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanRatePerSecond, mostInAnyWindow } from '../../../src/simulator/record/sliding-window.js';

describe('the most moments in any window', () => {
  it('is what counting from every moment on finds', () => {
    const moments = fc
      .array(fc.integer({ min: 0, max: 200 }).map((tenths) => tenths / 10))
      .map((values) => values.toSorted((one, other) => one - other));
    fc.assert(
      fc.property(moments, fc.integer({ min: 1, max: 30 }), (ascending, windowMs) => {
        const counts = ascending.map(
          (start) => ascending.filter((moment) => moment >= start && moment - start < windowMs).length,
        );
        expect(mostInAnyWindow(ascending, windowMs)).toBe(Math.max(0, ...counts));
      }),
    );
  });

  it('never counts two moments that are a full window apart', () => {
    expect(mostInAnyWindow([0, 1000, 2000], 1000)).toBe(1);
    expect(mostInAnyWindow([0, 999.999, 1000], 1000)).toBe(2);
  });

  it('finds a burst that straddles two seconds', () => {
    expect(mostInAnyWindow([0, 900, 950, 1000, 1050, 3000], 1000)).toBe(4);
  });
});

describe('the mean rate', () => {
  it('counts the gaps between moments', () => {
    expect(meanRatePerSecond([0, 50, 100, 150, 200])).toBe(20);
  });

  it('is 0 for less than two moments, or no time', () => {
    expect([[], [5], [5, 5]].map((moments) => meanRatePerSecond(moments))).toEqual([0, 0, 0]);
  });
});
