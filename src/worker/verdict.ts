import type { Failure } from '../shared/failure.js';
import type { ReadyStanding, Standing } from '../shared/ledger/index.js';

/** What is to become of a BullMQ job. Handlers return it; only `settleJob` turns it into queue moves. */
export type JobVerdict =
  /** The ledger knows no such job: whoever put it into the queue went round the producer. */
  | { kind: 'orphan' }
  /** None of its instances waits any more, dead letters included. */
  | { kind: 'done' }
  /** An attempt was spent (the ledger counts them); it comes back after the delay. */
  | { kind: 'retry'; failure: Failure; delayMs: number }
  /** Nothing was spent; it comes back after the delay. */
  | { kind: 'postpone'; reason: PostponeReason; delayMs: number };

export type PostponeReason =
  /** A call of another worker carries it. */
  | 'carried-elsewhere'
  /** Its back-off is not over. */
  | 'not-due'
  /** What the ledger holds of it was changed by hand and does not fit. */
  | 'damaged'
  /** This worker is shutting down. */
  | 'draining';

/** Until somebody has mended it, or deals with the request. */
export const damaged: JobVerdict = { kind: 'postpone', reason: 'damaged', delayMs: 9_000 };

/** How soon a job whose instances another worker's call carries is looked at again. */
const carriedElsewhereDelayMs = 1_000;

/** What the ledger says of a job that has nothing to send right now. */
export function verdictOf(standing: Exclude<Standing, ReadyStanding>): JobVerdict {
  switch (standing.kind) {
    case 'gone':
      return { kind: 'orphan' };
    case 'settled':
      return { kind: 'done' };
    case 'flying':
      return { kind: 'postpone', reason: 'carried-elsewhere', delayMs: carriedElsewhereDelayMs };
    case 'later':
      return { kind: 'postpone', reason: 'not-due', delayMs: standing.delayMs };
  }
}
