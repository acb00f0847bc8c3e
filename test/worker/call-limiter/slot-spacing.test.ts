import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latenessToleranceMs, spacingFor } from '../../../src/worker/call-limiter/slot-spacing.js';

describe('spacingFor', () => {
  it('keeps 20 calls a second 52 ms apart', () => {
    expect(spacingFor(20)).toBe(52);
  });

  it('leaves more slack in a second than a late slot may use up, at any rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), (callsPerSecond) => {
        const slack = callsPerSecond * spacingFor(callsPerSecond) - 1_000;
        expect(slack).toBeGreaterThan(latenessToleranceMs);
      }),
    );
  });

  it('wastes no more than a tenth of the quota at any whole rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), (callsPerSecond) => {
        expect(1_000 / spacingFor(callsPerSecond)).toBeGreaterThan(0.9 * callsPerSecond);
      }),
    );
  });

  it('spaces less than one call a second by more than the time that one call is for', () => {
    expect(spacingFor(0.5)).toBe(2_040);
  });

  it.each([0, -1, Number.NaN, 1_001])('refuses %d calls a second', (callsPerSecond) => {
    expect(() => spacingFor(callsPerSecond)).toThrow(RangeError);
  });
});
