import { DelayedError } from 'bullmq';
import { describe, expect, it, vi } from 'vitest';
import { createFailure } from '../../src/shared/failure-table.js';
import { AttemptFailedError, backOff, settleJob } from '../../src/worker/settle-job.js';

const failure = createFailure('InternalError', 'the cloud failed');

function bullJob() {
  return { moveToDelayed: vi.fn(async (_timestamp: number, _token?: string) => {}) };
}

describe('a verdict', () => {
  it.each(['done', 'orphan'] as const)('of %s completes the job', async (kind) => {
    await expect(settleJob(bullJob(), 'token', { kind })).resolves.toBe(kind);
  });

  it('of retry fails the attempt with the delay that the ledger knows', async () => {
    const settled = settleJob(bullJob(), 'token', { kind: 'retry', failure, delayMs: 750 });
    await expect(settled).rejects.toBeInstanceOf(AttemptFailedError);
    await expect(settled).rejects.toMatchObject({ code: 'InternalError', delayMs: 750 });
  });

  it('of postpone delays the job without failing it', async () => {
    const job = bullJob();
    const before = Date.now();
    const settled = settleJob(job, 'token', { kind: 'postpone', reason: 'not-due', delayMs: 5_000 });
    await expect(settled).rejects.toBeInstanceOf(DelayedError);
    const [timestamp, token] = job.moveToDelayed.mock.calls[0] ?? [];
    expect(timestamp).toBeGreaterThanOrEqual(before + 5_000);
    expect(token).toBe('token');
  });

  it('of postpone for no time at all still goes through the delayed jobs, which wakes other workers', async () => {
    const job = bullJob();
    const before = Date.now();
    const settled = settleJob(job, 'token', { kind: 'postpone', reason: 'draining', delayMs: 0 });
    await expect(settled).rejects.toBeInstanceOf(DelayedError);
    expect(job.moveToDelayed.mock.calls[0]?.[0]).toBeGreaterThan(before);
  });
});

describe('the back-off that BullMQ asks for', () => {
  it('is the delay of the failed attempt', () => {
    expect(backOff(7, 'custom', new AttemptFailedError(failure, 1_234))).toBe(1_234);
  });

  it('grows up to a minute after an error of our own or of Redis', () => {
    const delays = [1, 2, 3, 50, 999].map((attempts) => backOff(attempts, 'custom', new Error('READONLY')));
    expect(delays).toEqual([1_000, 2_000, 4_000, 60_000, 60_000]);
  });
});
