import { describe, expect, it } from 'vitest';
import { historySeconds, mergeSeconds } from '../../../src/dashboard/live/second-history.js';

const at = (second: number, calls = 0) => ({ second, calls, instances: 0, refusals: 0 });

describe('mergeSeconds', () => {
  it('adds news in order, and lets later news of a second replace earlier ones', () => {
    const merged = mergeSeconds([at(10, 1), at(11, 2)], [at(12, 4), at(11, 3)]);
    expect(merged).toEqual([at(10, 1), at(11, 3), at(12, 4)]);
  });

  it('keeps ten minutes', () => {
    const known = Array.from({ length: historySeconds }, (_, index) => at(index));
    const merged = mergeSeconds(known, [at(historySeconds), at(historySeconds + 1)]);
    expect(merged).toHaveLength(historySeconds);
    expect(merged[0]).toEqual(at(2));
  });
});
