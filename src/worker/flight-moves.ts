import { randomUUID } from 'node:crypto';
import type { Failure } from '../shared/failure.js';
import type { CarriedJob, Flight, LedgerMove } from '../shared/ledger/index.js';
import type { AttemptRecord } from '../shared/schemas.js';

/** A running task takes about a second to stop, so an earlier look would mostly be in vain. */
const firstLookMs = 2_000;

/** The cloud took what the call carried for this job. */
export function acceptMove(job: CarriedJob, cloudRequestId: string, confirm: boolean): LedgerMove {
  const mask = job.mask.replaceAll('s', 'a');
  return { kind: 'accept', ref: job.ref, mask, cloudRequestId, confirm, firstLookMs };
}

/** Waits again, nothing spent; after a while if others are to go first. */
export function returnMove(job: CarriedJob, notBeforeMs?: number): LedgerMove {
  const mask = job.mask.replaceAll('s', 'w');
  return { kind: 'return', ref: job.ref, mask, ...(notBeforeMs === undefined ? {} : { notBeforeMs }) };
}

/** Waits again after a while, an attempt spent. */
export function retryMove(job: CarriedJob, attempt: AttemptRecord, delayMs: number): LedgerMove {
  return { kind: 'retry', ref: job.ref, mask: job.mask.replaceAll('s', 'w'), attempt, notBeforeMs: delayMs };
}

/** Will not be carried out: a dead letter. */
export function buryMove(
  job: Pick<CarriedJob, 'ref' | 'mask'>,
  failure: Failure,
  attempt: AttemptRecord,
): LedgerMove {
  const { ref } = job;
  return {
    kind: 'bury',
    ref,
    mask: job.mask.replaceAll('s', 'd'),
    attempt,
    letterId: `${ref}.${randomUUID().slice(0, 8)}`,
    letter: {
      requestId: ref.slice(0, ref.lastIndexOf('.')),
      jobId: ref,
      code: failure.code,
      message: failure.message,
      ...(failure.cloudRequestId === undefined ? {} : { cloudRequestId: failure.cloudRequestId }),
    },
  };
}

export function attemptRecord(failure: Failure, worker: string, at: number): AttemptRecord {
  return {
    at,
    worker,
    code: failure.code,
    message: failure.message,
    ...(failure.cloudRequestId === undefined ? {} : { cloudRequestId: failure.cloudRequestId }),
  };
}

/** The jobs of a flight narrowed down to some ids: jobs without any of them are left out. */
export function narrow(jobs: readonly CarriedJob[], instanceIds: Iterable<string>): CarriedJob[] {
  const wanted = new Set(instanceIds);
  return jobs.flatMap((job) => {
    const mask = [...job.mask]
      .map((mark, index) => (mark === 's' && wanted.has(job.allInstanceIds[index] ?? '') ? 's' : '.'))
      .join('');
    return mask.includes('s') ? [{ ...job, mask }] : [];
  });
}

/** The different ids that a flight carries. */
export function idsOf(flight: Flight): string[] {
  return [...new Set(flight.jobs.flatMap((job) => job.instanceIds))];
}
