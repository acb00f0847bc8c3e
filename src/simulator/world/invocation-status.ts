import type { TaskStatus } from './task-state.js';

export type InvocationStatus =
  | 'PENDING'
  | 'RUNNING'
  | 'CANCELLING'
  | 'SUCCESS'
  | 'FAILED'
  | 'TIMEOUT'
  | 'CANCELLED'
  | 'PARTIAL_FAILED'
  | 'PARTIAL_CANCELLED';

const undelivered: ReadonlySet<TaskStatus> = new Set(['PENDING', 'DELIVERING', 'DELIVER_DELAYED']);
const cancelled: ReadonlySet<TaskStatus> = new Set(['CANCELLED', 'TERMINATED']);

/**
 * Sums up the statuses of an invocation's tasks. The cloud does not publish its rule; this is the plainest reading of
 * the names. TERMINATED counts as cancelled; a cancelled task outweighs a failed one.
 */
export function rollUpStatus(taskStatuses: Iterable<TaskStatus>): InvocationStatus {
  const seen = new Set(taskStatuses);
  if (seen.has('CANCELLING')) return 'CANCELLING';
  if (isSubset(seen, undelivered)) return 'PENDING';
  if (seen.has('RUNNING') || intersects(seen, undelivered)) return 'RUNNING';
  if (isSubset(seen, cancelled)) return 'CANCELLED';
  if (intersects(seen, cancelled)) return 'PARTIAL_CANCELLED';
  if (seen.size === 1 && seen.has('SUCCESS')) return 'SUCCESS';
  if (seen.has('SUCCESS')) return 'PARTIAL_FAILED';
  return seen.size === 1 && seen.has('TIMEOUT') ? 'TIMEOUT' : 'FAILED';
}

function isSubset(seen: ReadonlySet<TaskStatus>, of: ReadonlySet<TaskStatus>): boolean {
  for (const status of seen) if (!of.has(status)) return false;
  return true;
}

function intersects(seen: ReadonlySet<TaskStatus>, other: ReadonlySet<TaskStatus>): boolean {
  for (const status of seen) if (other.has(status)) return true;
  return false;
}
