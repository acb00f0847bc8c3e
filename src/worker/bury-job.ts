import { randomUUID } from 'node:crypto';
import type { DeadLetterQueue } from '../shared/dead-letter-queue.js';
import { formatJobRef, type JobRef } from '../shared/job-ref.js';
import type { Ledger } from '../shared/ledger/index.js';

export interface DoomedJob {
  readonly jobId: string;
  /** Undefined when the id is none of ours. */
  readonly ref: JobRef | undefined;
  /** What Redis held as the job's data, of whatever kind. */
  readonly data: unknown;
  readonly reason: { readonly code: string; readonly message: string };
}

/**
 * Makes a dead letter of a job that no call can help. What the ledger knows of it dies there; a job that the ledger
 * does not know leaves a letter all the same. Doing it twice changes nothing. Resolves with false while a call still
 * carries some of it: then it is to be done again later.
 */
export async function buryJob(
  { jobId, ref, data, reason }: DoomedJob,
  deps: { ledger: Ledger; deadLetters: DeadLetterQueue; workerName: string },
): Promise<boolean> {
  const attempt = { at: Date.now(), worker: deps.workerName, ...reason };
  if (ref !== undefined) {
    const { jobs } = await deps.ledger.settle({
      landed: true,
      leaseMs: 0,
      calls: 0,
      sentAt: 0,
      moves: [
        {
          kind: 'bury',
          ref: formatJobRef(ref),
          mask: 'd',
          only: 'w',
          attempt,
          letterId: `${formatJobRef(ref)}.${randomUUID().slice(0, 8)}`,
          letter: { requestId: ref.requestId, jobId, ...reason },
        },
      ],
    });
    if (jobs[0]?.known) {
      await deps.deadLetters.flushOutbox();
      return jobs[0].sent === 0;
    }
  }
  const now = new Date().toISOString();
  await deps.deadLetters.addOrphan({
    requestId: ref?.requestId ?? '',
    jobId,
    target: targetIn(data),
    error: reason,
    attempts: 0,
    firstSeenAt: now,
    deadAt: now,
    history: [attempt],
  });
  return true;
}

function targetIn(data: unknown): { region: string; invocationId: string } {
  const { region, invocationId } = (typeof data === 'object' && data !== null ? data : {}) as Record<
    string,
    unknown
  >;
  return {
    region: typeof region === 'string' ? region.slice(0, 100) : '',
    invocationId: typeof invocationId === 'string' ? invocationId.slice(0, 100) : '',
  };
}
