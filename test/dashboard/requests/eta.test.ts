import { describe, expect, it } from 'vitest';
import { describeEta } from '../../../src/dashboard/requests/eta.js';
import type { RequestProgress } from '../../../src/producer/request-progress.js';

const calledAt = '2026-07-01T10:00:00.000Z';
const later = (seconds: number) => Date.parse(calledAt) + seconds * 1_000;

function progress(changes: Partial<RequestProgress> = {}, counts: Partial<RequestProgress['counts']> = {}) {
  return {
    confirm: true,
    etaSeconds: 3,
    held: null,
    paused: false,
    lastCallAt: calledAt,
    counts: { waiting: 0, accepted: 9, terminated: 91, ...counts },
    ...changes,
  } as RequestProgress;
}

describe('the time that a request will take', () => {
  it('is told while calls are to be made, and for as long as proof mostly takes', () => {
    expect(describeEta(progress({}, { waiting: 1 }), later(60), ' to go')).toBe('about 3 s to go');
    expect(describeEta(progress(), later(2))).toBe('about 3 s');
  });

  it('gives way to how many have not proved to have stopped', () => {
    expect(describeEta(progress(), later(4), ' to go')).toBe('waiting for proof of 9');
    expect(describeEta(progress({}, { accepted: 1_200 }), later(4))).toBe('waiting for proof of 1,200');
  });

  it('gives way to what keeps everything from getting on', () => {
    expect(describeEta(progress({ etaSeconds: null }), later(4))).toBe('no worker');
    expect(describeEta(progress({ etaSeconds: null, paused: true }), later(4))).toBe('paused');
  });
});
