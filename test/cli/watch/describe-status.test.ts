import { PassThrough } from 'node:stream';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { Output } from '../../../src/cli/output.js';
import { describeStatus } from '../../../src/cli/watch/describe-status.js';
import { createProgress } from '../../../src/cli/watch/progress.js';
import { addUp, countDone } from '../../../src/cli/watch/watched-total.js';
import type { RequestProgress } from '../../../src/producer/index.js';

const now = Date.parse('2026-03-05T16:00:00Z');
const ago = (seconds: number) => new Date(now - seconds * 1_000).toISOString();

/** Sent half a minute ago; nine of ten instances are not seen to stop. */
const holdingOut: RequestProgress = {
  ...{ requestId: 'req-1', state: 'running', total: 10, jobs: 1, calls: 1, priority: 'normal' },
  counts: {
    ...{ waiting: 0, accepted: 9, cancelled: 0, terminated: 1 },
    ...{ 'already-finished': 0, 'dead-lettered': 0, withdrawn: 0 },
  },
  ...{ confirm: true, acceptedAt: ago(31), firstCallAt: ago(30), lastCallAt: ago(30) },
  ...{ etaSeconds: 3, held: null, paused: false },
};

function linesOf(progress: RequestProgress): string {
  const stream = new PassThrough();
  return describeStatus(progress, new Output(stream, stream, {}), now);
}

function progressOf(...statuses: RequestProgress[]): string {
  const stderr = new PassThrough();
  createProgress(new Output(new PassThrough(), stderr, {}), () => now).show(addUp(statuses, now));
  return String(stderr.read());
}

describe('instances that hold out', () => {
  it('are told in place of an estimate', () => {
    expect(linesOf(holdingOut)).toMatch(/^To go +waiting for proof of 9$/m);
    expect(progressOf(holdingOut)).toBe('1 of 10 instances, 1 call, waiting for proof of 9\n');
    const other = { ...holdingOut, requestId: 'req-2' };
    expect(progressOf(holdingOut, other)).toContain('waiting for proof of 18');
  });

  it.each<[string, Partial<RequestProgress>]>([
    ['the last call has just been made', { lastCallAt: ago(1) }],
    ['something waits', { counts: { ...holdingOut.counts, waiting: 1 } }],
    ['no proof is asked for', { confirm: false }],
  ])('are not told while %s', (_when, changes) => {
    const progress = { ...holdingOut, ...changes };
    expect(linesOf(progress)).toMatch(/^To go +about 3\.0 s$/m);
    expect(progressOf(progress)).toContain('about 3.0 s to go');
  });

  it('wait for another request that is watched with them', () => {
    const busy = { ...holdingOut, lastCallAt: ago(1), etaSeconds: 40 };
    expect(progressOf(holdingOut, busy)).toContain('about 40.0 s to go');
  });

  it('are not told when nobody works', () => {
    const progress = { ...holdingOut, etaSeconds: null };
    expect(linesOf(progress)).not.toContain('To go');
    expect(progressOf(progress)).toContain('No worker runs');
  });
});

describe('a request', () => {
  it('that is damaged is given no time to go', () => {
    const damaged = { ...holdingOut, lastCallAt: ago(1), damaged: ['total'] };
    expect(linesOf(damaged)).toContain('Damaged');
    expect(linesOf(damaged)).not.toContain('To go');
    expect(progressOf(damaged)).not.toContain('to go');
  });

  it.each([
    [1, 'delivered after 1 attempt, '],
    [3, 'delivered after 3 attempts, '],
  ])('tells that its webhook took %i', (attempts, words) => {
    const webhook = { url: 'https://example.com/told', state: 'delivered' as const, attempts };
    expect(linesOf({ ...holdingOut, webhook })).toContain(words);
  });

  it.each<[string, number, Partial<RequestProgress>]>([
    ['while proof is asked for', 1, {}],
    ['when none is', 10, { confirm: false }],
    ['after the end', 10, { state: 'finished', settledAt: ago(0) }],
  ])('counts accepted instances as done or not: %s, %i', (_when, done, changes) => {
    expect(countDone({ ...holdingOut, ...changes })).toBe(done);
  });
});

describe('the bar of a watch', () => {
  it.each([80, 100, 160])('shows how long it takes on a terminal of %i columns', (columns) => {
    const screen = Object.assign(new PassThrough(), { isTTY: true, columns, cursorTo: () => {} });
    const large = {
      ...{ ...holdingOut, total: 100_000, calls: 1_234, lastCallAt: ago(1), etaSeconds: 210 },
      counts: { ...holdingOut.counts, accepted: 12_345, terminated: 54_321, 'dead-lettered': 1_234 },
    };
    const progress = createProgress(new Output(new PassThrough(), screen, {}), () => now);
    progress.show(addUp([large], now));
    progress.stop();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out
    const shown = String(screen.read()).replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
    expect(shown).toContain('about 3 min 30 s to go');
    expect(stringWidth(shown.split(/[\r\n]/)[0] ?? '')).toBeLessThanOrEqual(columns);
  });
});
