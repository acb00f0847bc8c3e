import type { TaskTiming } from './task-behaviour.js';

export const taskStatuses = [
  'PENDING',
  'DELIVERING',
  'DELIVER_DELAYED',
  'RUNNING',
  'CANCELLING',
  'DELIVER_FAILED',
  'START_FAILED',
  'SUCCESS',
  'FAILED',
  'TIMEOUT',
  'TASK_TIMEOUT',
  'CANCELLED',
  'TERMINATED',
] as const;
export type TaskStatus = (typeof taskStatuses)[number];

export interface TaskState {
  readonly status: TaskStatus;
  /** When this status began, in epoch milliseconds. */
  readonly sinceMs: number;
  /** When the process started; absent if it never did. */
  readonly startedAtMs?: number;
  /** Present once the status is final. */
  readonly endedAtMs?: number;
}

/**
 * A task's state at a moment, worked out from its plan and the one cancel that took effect (NaN: none yet):
 *
 *     PENDING → DELIVERING | DELIVER_DELAYED → RUNNING → SUCCESS | FAILED | TIMEOUT
 *                          ↘ DELIVER_FAILED | START_FAILED
 *     before RUNNING --cancel--> CANCELLED
 *     RUNNING --cancel--> CANCELLING → TERMINATED, or its own ending if that comes first
 *     RUNNING --cancel, agent gone--> CANCELLING → TASK_TIMEOUT
 *     ended --cancel--> unchanged
 */
export function taskStateAt(timing: TaskTiming, cancelledAtMs: number, nowMs: number): TaskState {
  if (!(cancelledAtMs <= nowMs)) return ownState(timing, nowMs);
  const before = ownState(timing, cancelledAtMs);
  if (before.status === 'RUNNING') return cancelledWhileRunning(timing, cancelledAtMs, nowMs);
  if (before.endedAtMs !== undefined) return before;
  return { status: 'CANCELLED', sinceMs: cancelledAtMs, endedAtMs: cancelledAtMs };
}

function ownState(timing: TaskTiming, nowMs: number): TaskState {
  const { createdAtMs, deliverAtMs, startAtMs, endAtMs, ending } = timing;
  if (nowMs < deliverAtMs) return { status: 'PENDING', sinceMs: createdAtMs };
  if (nowMs < startAtMs) {
    return { status: timing.deliverDelayed ? 'DELIVER_DELAYED' : 'DELIVERING', sinceMs: deliverAtMs };
  }
  if (ending === 'DELIVER_FAILED' || ending === 'START_FAILED') {
    return { status: ending, sinceMs: startAtMs, endedAtMs: startAtMs };
  }
  if (nowMs < endAtMs) return { status: 'RUNNING', sinceMs: startAtMs, startedAtMs: startAtMs };
  return ended(timing, ending, endAtMs);
}

function cancelledWhileRunning(timing: TaskTiming, cancelledAtMs: number, nowMs: number): TaskState {
  const agentIsGone = timing.cancelMs === Number.POSITIVE_INFINITY;
  const killedAtMs = cancelledAtMs + (agentIsGone ? timing.agentTimeoutMs : timing.cancelMs);
  // A process may end while its kill is under way; a gone agent reports neither.
  if (!agentIsGone && timing.endAtMs <= killedAtMs && timing.endAtMs <= nowMs) {
    return ended(timing, timing.ending, timing.endAtMs);
  }
  if (nowMs >= killedAtMs) return ended(timing, agentIsGone ? 'TASK_TIMEOUT' : 'TERMINATED', killedAtMs);
  return { status: 'CANCELLING', sinceMs: cancelledAtMs, startedAtMs: timing.startAtMs };
}

function ended(timing: TaskTiming, status: TaskStatus, endedAtMs: number): TaskState {
  return { status, sinceMs: endedAtMs, startedAtMs: timing.startAtMs, endedAtMs };
}
