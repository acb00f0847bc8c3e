import type { InvocationTask } from '../../cloud/tat-client.js';
import { letterOfFinalTaskStatus } from '../../shared/ledger/index.js';

/** Without a time that can be read there is no telling, and what may be meant is shown rather than left out. */
export function isSince(createdAt: string, sinceMs: number | undefined): boolean {
  const createdAtMs = Date.parse(createdAt);
  return sinceMs === undefined || Number.isNaN(createdAtMs) || createdAtMs >= sinceMs;
}

export function isOpen({ status }: Pick<InvocationTask, 'status'>): boolean {
  return letterOfFinalTaskStatus(status) === undefined;
}

/** Whether a schedule started it. */
export function isScheduledSource(source: string): boolean {
  return source.toUpperCase() === 'INVOKER';
}
