import { DelayedError, type Job } from 'bullmq';
import { assertNever } from '../shared/assert-never.js';
import type { Failure } from '../shared/failure.js';
import type { JobVerdict } from './verdict.js';

/** Tells BullMQ that an attempt failed and when the next one is due. The ledger has counted it already. */
export class AttemptFailedError extends Error {
  override readonly name = 'AttemptFailedError';
  readonly code: string;

  constructor(
    failure: Failure,
    readonly delayMs: number,
  ) {
    super(`${failure.code}: ${failure.message}`);
    this.code = failure.code;
  }
}

/** Turns a verdict into BullMQ's moves: the only place that knows their rules. */
export async function settleJob(
  job: Pick<Job, 'moveToDelayed'>,
  token: string | undefined,
  verdict: JobVerdict,
): Promise<string> {
  switch (verdict.kind) {
    case 'done':
    case 'orphan':
      return verdict.kind;
    case 'retry':
      throw new AttemptFailedError(verdict.failure, verdict.delayMs);
    case 'postpone':
      // Also for no delay at all: moving to `wait` would wake no other worker.
      await job.moveToDelayed(Date.now() + Math.max(1, verdict.delayMs), token);
      throw new DelayedError();
    default:
      return assertNever(verdict);
  }
}

const firstDelayMs = 1_000;
const longestDelayMs = 60_000;

/** BullMQ's back-off: what the failed attempt asked for, else (an error of our own or of Redis) growing gaps. */
export function backOff(attemptsMade: number, _type?: string, error?: Error): number {
  if (error instanceof AttemptFailedError) return error.delayMs;
  return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attemptsMade - 1, 10));
}
