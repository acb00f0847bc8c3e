import type { AttemptRecord, Priority } from '../schemas.js';

/** What one job is to carry: at most 100 instances, or the whole invocation when no ids are given. */
export interface PlannedJob {
  readonly region: string;
  readonly invocationId: string;
  readonly instanceIds?: readonly string[];
}

/** A request, validated and split into jobs, ready to be accepted. */
export interface PlannedRequest {
  readonly requestId: string;
  /** Hash of the content: the same idempotency key with another one is refused. */
  readonly fingerprint: string;
  readonly priority: Priority;
  /** Further fields of the request's hash (reason, requestedBy, …). */
  readonly facts: Readonly<Record<string, string>>;
  readonly jobs: readonly PlannedJob[];
}

/** What a call took from one job. */
export interface CarriedJob {
  readonly ref: string;
  /** One mark per instance of the job: `s` where the call carries it, `.` elsewhere. */
  readonly mask: string;
  /** The ids that the call carries for this job; empty for a whole invocation. */
  readonly instanceIds: readonly string[];
  readonly allInstanceIds: readonly string[];
  /** Attempts spent so far. */
  readonly attempts: number;
}

/** What one call carries. */
export interface Flight {
  readonly callId: string;
  readonly region: string;
  readonly invocationId: string;
  /** By `performance.now()`: no later than the moment from which its lease counts. */
  readonly claimedAtMs: number;
  /** The call names no instances: all of the invocation. */
  readonly whole: boolean;
  readonly jobs: readonly CarriedJob[];
}

/** A dead letter without what the ledger adds itself: target, attempts, history and times. */
export interface LetterDraft {
  readonly requestId: string;
  readonly jobId: string;
  readonly code: string;
  readonly message: string;
  readonly cloudRequestId?: string;
}

interface MoveBase {
  readonly ref: string;
  /** One letter per instance of the job, `.` leaves it as it is; or a single letter for all. */
  readonly mask: string;
  /** The letters that may be left; without it, every legal move is made. */
  readonly only?: string;
}

export type LedgerMove =
  | (MoveBase & {
      kind: 'accept';
      cloudRequestId: string;
      /** False ends its request at accepted, without proof. */
      confirm: boolean;
      /** When it is looked at for the first time, from now. */
      firstLookMs: number;
    })
  /** The read-back saw the end of the task. */
  | (MoveBase & {
      kind: 'confirm';
      /** How long ago the cloud accepted it, for those who measure. */
      ageMs?: number;
    })
  /** Accepted, but the task runs on: it is to be cancelled once more. */
  | (MoveBase & { kind: 'again' })
  | (MoveBase & {
      kind: 'return';
      /** It gives way to others for so long, nothing spent. */
      notBeforeMs?: number;
    })
  | (MoveBase & { kind: 'retry'; attempt: AttemptRecord; notBeforeMs: number })
  | (MoveBase & { kind: 'bury'; letterId: string; letter: LetterDraft; attempt?: AttemptRecord });

export interface LedgerReport {
  /** The call that this tells of; without it, nobody's claim is touched. */
  readonly callId?: string;
  /** True ends the claim; false prolongs it, because more news of the same call will come. */
  readonly landed: boolean;
  readonly leaseMs: number;
  /** Calls to the cloud that were made since the last report. */
  readonly calls: number;
  /** When the last of them left (ms since the epoch). */
  readonly sentAt: number;
  readonly moves: readonly LedgerMove[];
}

export interface SettledJob {
  readonly ref: string;
  readonly moved: number;
  readonly waiting: number;
  readonly sent: number;
  /** This report settled the last instance of the job's request. */
  readonly requestSettled: boolean;
  /** False when the ledger has no such job. */
  readonly known: boolean;
}
