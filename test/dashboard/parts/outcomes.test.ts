import { describe, expect, it } from 'vitest';
import { presentOutcomes, settledOf, type Tally } from '../../../src/dashboard/parts/outcomes.js';

function tally({ confirm, settledAt }: { confirm: boolean; settledAt?: string }): Tally {
  const none = { waiting: 0, cancelled: 0, terminated: 0, 'already-finished': 0, withdrawn: 0 };
  const counts = { ...none, accepted: 790, 'dead-lettered': 10 };
  return { counts, total: 800, confirm, ...(settledAt === undefined ? {} : { settledAt }) };
}

const words = (of: Tally) => presentOutcomes(of).map(({ label, count }) => `${count} ${label}`);

describe('how far a request is', () => {
  it('leaves out what the cloud took until it is proved to have stopped', () => {
    expect(settledOf(tally({ confirm: true }))).toBe(10);
    expect(words(tally({ confirm: true }))).toEqual(['10 Dead-lettered', '790 Sent']);
  });

  it('counts it where no proof was asked for, by the request or by the worker, and says so', () => {
    for (const of of [
      tally({ confirm: false }),
      tally({ confirm: true, settledAt: '2026-07-01T10:00:00Z' }),
    ]) {
      expect(settledOf(of)).toBe(800);
      expect(words(of)).toEqual(['10 Dead-lettered', '790 Sent, no proof asked for']);
    }
  });
});
