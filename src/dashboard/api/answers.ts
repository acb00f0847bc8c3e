import type { RequestProgress } from '../../producer/request-progress.js';
import type { AuditAction, AuditEntry } from '../../shared/audit/audit-entry.js';
import type { CallSecond } from '../../shared/call-history.js';
import type { DeadLetterGroup, DeadLetterResult, StoredDeadLetter } from '../../shared/dead-letters/index.js';
import type { InstanceRecord } from '../../shared/ledger/instance-reader.js';
import type { InstanceState } from '../../shared/ledger/outcome.js';
import type { RequestState, RequestStatus } from '../../shared/ledger/request-status.js';
import type { QueueOverview } from '../../shared/queue-overview.js';
import type { Priority, Target } from '../../shared/schemas.js';

export type {
  AuditAction,
  AuditEntry,
  CallSecond,
  DeadLetterGroup,
  DeadLetterResult,
  InstanceRecord,
  InstanceState,
  Priority,
  QueueOverview,
  RequestProgress,
  RequestState,
  RequestStatus,
  StoredDeadLetter,
  Target,
};

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly nextCursor?: string;
}

export type Role = 'read' | 'enqueue' | 'operate';

export interface Session {
  readonly name: string;
  readonly role: Role;
  /** The server runs without tokens, for whoever is on its machine. */
  readonly open?: boolean;
}

/** For the page's arithmetic. */
export interface PageSettings {
  readonly callsPerSecond: number;
  readonly instancesPerRequest: number;
  readonly idsPerCall: number;
}

export interface OverviewAnswer extends QueueOverview {
  readonly history: readonly CallSecond[];
}

/** As the stream tells it: with the seconds since the last event. */
export interface OverviewNews extends QueueOverview {
  readonly second: readonly CallSecond[];
}

export interface RequestPage {
  readonly requests: readonly RequestStatus[];
  readonly nextCursor?: number | string;
}

export interface InstancePage {
  readonly instances: readonly InstanceRecord[];
  readonly nextCursor?: number | string;
}

export interface LetterPage {
  readonly deadLetters: readonly StoredDeadLetter[];
  readonly nextCursor?: number | string;
  readonly total?: number;
}

/** What the page hands in. */
export interface RequestDraft {
  readonly targets: readonly Target[];
  readonly region?: string;
  readonly priority: Priority;
  readonly reason?: string;
  readonly confirm: boolean;
}

export interface EnqueueAnswer {
  readonly requestId: string;
  readonly instances: number;
  readonly jobs: number;
  readonly duplicate: boolean;
  readonly state: RequestState;
}

export interface RequestPreview {
  readonly invocations: number;
  readonly wholeInvocations: number;
  readonly instances: number;
  readonly calls: number;
  readonly secondsAtLimit: number;
}

export interface LetterFilter {
  readonly code?: string;
  readonly requestId?: string;
  readonly invocationId?: string;
  readonly olderThanSeconds?: number;
}

export type LetterChoice = { readonly ids: readonly string[] } | { readonly filter: LetterFilter };
