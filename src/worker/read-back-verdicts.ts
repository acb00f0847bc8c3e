import type { LedgerJob } from '../shared/ledger/index.js';
import { letterOfFinalTaskStatus } from '../shared/ledger/index.js';

/** When to lose patience with an accepted task. All in milliseconds since the cloud accepted the cancel. */
export interface ReadBackPatience {
  /** A task that still runs by then is cancelled once more: an agent can miss a cancel that came with the task. */
  readonly againAfterMs: number;
  /** A task that has not ended by then becomes a dead letter. */
  readonly deadlineMs: number;
}

export const defaultPatience: ReadBackPatience = { againAfterMs: 20_000, deadlineMs: 120_000 };

/** What the states of its tasks mean for one job: masks for the ledger, one letter per instance. */
export interface ReadBackVerdict {
  /** Ended: letters of their end. */
  readonly ended: string;
  /** To be cancelled once more. */
  readonly again: string;
  /**
   * Not ended in time. Those that are also in `again` are overdue only if no second cancel is made for them: nobody may
   * have been able to look before, for example while the cloud did not answer.
   */
  readonly overdue: string;
  /** The cloud lists no task for these accepted instances, though it lists the invocation. */
  readonly unlisted: readonly string[];
  /** The states of those that are overdue, for the operator. */
  readonly overdueStatuses: readonly string[];
}

const stillGoing = new Set(['PENDING', 'DELIVERING', 'DELIVER_DELAYED', 'RUNNING']);

/**
 * Compares a job's accepted instances with the task states that the cloud tells. Undefined `statuses` means that the
 * cloud told nothing of the invocation; then only time can pass.
 */
export function judgeTasks(
  job: LedgerJob,
  statuses: ReadonlyMap<string, string> | undefined,
  ageMs: number,
  patience: ReadBackPatience,
): ReadBackVerdict {
  const ended: string[] = [];
  const again: string[] = [];
  const overdue: string[] = [];
  const unlisted: string[] = [];
  const overdueStatuses = new Set<string>();
  for (const [index, letter] of [...job.letters].entries()) {
    const id = job.instanceIds?.[index] ?? '';
    const status = letter === 'a' ? statuses?.get(id) : undefined;
    const end = status === undefined ? undefined : letterOfFinalTaskStatus(status);
    const isOpen = letter === 'a' && end === undefined;
    const isOverdue = isOpen && ageMs >= patience.deadlineMs;
    const wasCancelledAgain = job.cancelledAgain[index] === '1';
    const isStuck = isOpen && !wasCancelledAgain && status !== undefined && stillGoing.has(status);
    ended.push(end ?? '.');
    overdue.push(isOverdue ? 'd' : '.');
    again.push(isStuck && (isOverdue || ageMs >= patience.againAfterMs) ? 'w' : '.');
    if (isOverdue) overdueStatuses.add(status ?? 'unknown');
    else if (isOpen && status === undefined && statuses !== undefined && id !== '') unlisted.push(id);
  }
  return {
    ended: ended.join(''),
    again: again.join(''),
    overdue: overdue.join(''),
    unlisted,
    overdueStatuses: [...overdueStatuses],
  };
}

/** How long to wait before the next look: the longer it took so far, the longer. */
export function nextLookMs(ageMs: number): number {
  return Math.min(15_000, Math.max(1_000, ageMs / 3));
}
