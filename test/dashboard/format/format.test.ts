import { describe, expect, it } from 'vitest';
import { describeProblem, problemFrom } from '../../../src/dashboard/api/api-problem.js';
import { describeInstances } from '../../../src/dashboard/dead-letters/letter-words.js';
import { countOf, formatRate, formatShare } from '../../../src/dashboard/format/format-count.js';
import { formatAgo, formatDuration, formatMoment } from '../../../src/dashboard/format/format-time.js';
import { describeMissingRole, may } from '../../../src/dashboard/session/role.js';

describe('words and figures', () => {
  it('counts', () => {
    expect([countOf(1, 'letter'), countOf(5_000, 'letter')]).toEqual(['1 letter', '5,000 letters']);
    expect([formatRate(20), formatRate(18.94), formatRate(1_234.5)]).toEqual(['20', '18.9', '1,235']);
  });

  it('never rounds a share to all or nothing', () => {
    const shares = [
      formatShare(0, 10),
      formatShare(1, 10_000),
      formatShare(9_999, 10_000),
      formatShare(10, 10),
    ];
    expect(shares.map((share) => share.replace('\u00a0', ' '))).toEqual(['0 %', '<1 %', '99 %', '100 %']);
  });

  it('tells how long something takes', () => {
    expect([0.42, 12, 59.6, 200, 3_900, 200_000].map(formatDuration)).toEqual([
      '0.4 s',
      '12 s',
      '1 min 00 s',
      '3 min 20 s',
      '1 h 05 min',
      '2 d 7 h',
    ]);
  });

  it('tells how long ago something was, and the day when it was not today', () => {
    const now = Date.parse('2026-03-04T12:00:00Z');
    expect([0, 40_000, 200_000, 7_200_000, 200_000_000].map((ms) => formatAgo(now - ms, now))).toEqual([
      'just now',
      '40 s ago',
      '3 min ago',
      '2 h ago',
      '2 d ago',
    ]);
    expect(formatMoment(now, now)).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(formatMoment(now - 3 * 86_400_000, now)).toMatch(/^2026-03-01 \d\d:\d\d:\d\d$/);
  });

  it('names the instances of a letter without listing hundreds', () => {
    expect(describeInstances(undefined)).toBe('the whole invocation');
    expect(describeInstances(['ins-1', 'ins-2'])).toBe('ins-1 and ins-2');
    expect(describeInstances(['ins-1', 'ins-2', 'ins-3'])).toBe('ins-1, ins-2 and 1 more');
  });

  it('says what went wrong even when the answer is no problem document', () => {
    expect(describeProblem(problemFrom(502, {}, null))).toBe('The server answered with 502.');
    expect(describeProblem(problemFrom(429, {}, '7'))).toBe('Too many requests: try again in 7 s.');
    expect(problemFrom(400, { detail: 'No.', code: 'INVALID_REQUEST' }, null)).toMatchObject({
      message: 'No.',
      code: 'INVALID_REQUEST',
    });
  });

  it('lets each role do what those below it may', () => {
    expect([may('operate', 'read'), may('enqueue', 'enqueue'), may('read', 'enqueue')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(describeMissingRole('read', 'enqueue', 'withdraw requests')).toContain('“enqueue” or higher');
  });
});
