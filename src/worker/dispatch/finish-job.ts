import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { assertNever } from '../../shared/assert-never.js';

/** What is to become of a BullMQ job. Handlers return it; only `finishJob` turns it into queue moves. */
export type JobOutcome =
  /** Nothing waits for its invocation any more, or another job stands for it. */
  | { kind: 'done' }
  /** It has something to do after the delay. */
  | { kind: 'delay'; delayMs: number }
  /** None of ours: it stays among the failed jobs, for whoever has put it there. */
  | { kind: 'unusable'; reason: string };

/** Turns an outcome into BullMQ's moves: the only place that knows their rules. */
export async function finishJob(
  job: Pick<Job, 'moveToDelayed'>,
  token: string | undefined,
  outcome: JobOutcome,
): Promise<string> {
  switch (outcome.kind) {
    case 'done':
      return outcome.kind;
    case 'delay':
      // Also for no delay at all: moving to `wait` would wake no other worker.
      await job.moveToDelayed(Date.now() + Math.max(1, outcome.delayMs), token);
      throw new DelayedError();
    case 'unusable':
      throw new UnrecoverableError(outcome.reason);
    default:
      return assertNever(outcome);
  }
}

const firstDelayMs = 1_000;
const longestDelayMs = 60_000;

/** BullMQ's back-off after an error of Redis or of our own: growing gaps. */
export function backOff(attemptsMade: number): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attemptsMade - 1, 10));
}
