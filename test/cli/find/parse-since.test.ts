import { describe, expect, it } from 'vitest';
import { parseSince } from '../../../src/cli/find/parse-since.js';

const now = Date.UTC(2026, 2, 5, 16);

describe('--since', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['1w', 604_800_000],
  ])('takes %s for an age', (text, ageMs) => {
    expect(parseSince(text, now)).toBe(now - ageMs);
  });

  it.each([
    ['2026-03-05T15:30:00Z', Date.UTC(2026, 2, 5, 15, 30)],
    ['2026-03-05T15:30Z', Date.UTC(2026, 2, 5, 15, 30)],
    ['2026-03-05T15:30:00+08:00', Date.UTC(2026, 2, 5, 7, 30)],
    ['2026-03-04', new Date(2026, 2, 4).getTime()],
    ['2026-03-04 08:15', new Date(2026, 2, 4, 8, 15).getTime()],
  ])('takes %s for a time, a local one where no zone is given', (text, expected) => {
    expect(parseSince(text, now)).toBe(expected);
  });

  it.each(['', '2', 'h', '2 h', '-2h', '1e3s', 'soon', '2026-13-01', '2026-03-05T25:00Z', '1741190400'])(
    'does not take %j',
    (text) => {
      expect(parseSince(text, now)).toContain('must be an age');
    },
  );
});
