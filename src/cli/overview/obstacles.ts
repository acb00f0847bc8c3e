import type { BlockedState } from '../../shared/blocked-state.js';
import { describeBlocked } from '../../shared/blocked-words.js';
import { judge } from '../../shared/failure-table.js';
import type { QueueOverview } from '../../shared/queue-overview.js';
import { formatCount, formatDuration, tameText } from '../text-format.js';

/** Something that keeps work from getting on, in plain words. */
export interface Obstacle {
  readonly kind: 'held' | 'blocked' | 'paused' | 'no-worker' | 'limited' | 'slowed';
  readonly what: string;
  readonly advice: string;
}

/** Below this share of the configured limit, the workers count as slowed down. */
const slowShare = 0.9;

/** What keeps work from getting on, the gravest first. Empty when all goes well. */
export function findObstacles(overview: QueueOverview): Obstacle[] {
  const now = Date.parse(overview.at);
  return [
    heldObstacle(overview.held, now),
    ...overview.blocked.map((state) => blockedObstacle(state, now)),
    pauseObstacle(overview, now),
    workerObstacle(overview),
    limitObstacle(overview),
    paceObstacle(overview),
  ].filter((obstacle) => obstacle !== undefined);
}

function heldObstacle(held: BlockedState | null, now: number): Obstacle | undefined {
  if (held === null) return undefined;
  const { row } = judge(held.code, held.message);
  return {
    kind: 'held',
    what: `Held for ${formatDuration(Math.max(0, now - held.since))}: ${row.meaning} (${tameText(held.code)} in ${tameText(held.region)}: ${tameText(held.message)})`,
    advice: `${row.advice} No calls are made until then; nothing is lost, and work goes on by itself.`,
  };
}

function blockedObstacle(state: BlockedState, now: number): Obstacle {
  const { what, why, advice } = describeBlocked(state);
  const duration = formatDuration(Math.max(0, now - state.since));
  return {
    kind: 'blocked',
    what: `${tameText(what)} For ${duration}: ${why} (${tameText(state.code)} in ${tameText(state.region)}: ${tameText(state.message)})`,
    advice: `${advice} All other calls go on; what is blocked waits, and nothing of it is spent.`,
  };
}

function pauseObstacle({ paused }: QueueOverview, now: number): Obstacle | undefined {
  if (paused === false) return undefined;
  const advice = 'No calls are made until: tat-cancel resume';
  if (paused === true) return { kind: 'paused', what: 'Paused by hand.', advice };
  const by = paused.by === undefined ? 'hand' : tameText(paused.by);
  const reason = paused.reason === undefined ? '' : ` (${tameText(paused.reason)})`;
  const duration = formatDuration(Math.max(0, now - paused.since));
  return { kind: 'paused', what: `Paused by ${by} for ${duration}${reason}.`, advice };
}

function workerObstacle({ workers, unsettledRequests }: QueueOverview): Obstacle | undefined {
  if (workers.length > 0) return undefined;
  const waits =
    unsettledRequests === 0
      ? 'Requests will wait.'
      : `${formatCount(unsettledRequests)} unsettled ${unsettledRequests === 1 ? 'request waits' : 'requests wait'}.`;
  return { kind: 'no-worker', what: `No worker runs. ${waits}`, advice: 'Start one: tat-cancel worker' };
}

function limitObstacle({ liveLimit, callsPerSecondLimit }: QueueOverview): Obstacle | undefined {
  if (liveLimit === null || callsPerSecondLimit === null) return undefined;
  if (liveLimit.callsPerSecond >= callsPerSecondLimit) return undefined;
  const by = liveLimit.by === undefined ? '' : ` by ${tameText(liveLimit.by)}`;
  const reason = liveLimit.reason === undefined ? '' : ` (${tameText(liveLimit.reason)})`;
  return {
    kind: 'limited',
    what: `Limited${by} to ${liveLimit.callsPerSecond} of ${callsPerSecondLimit} calls a second${reason}.`,
    advice: 'Back to what workers are set to: tat-cancel limit reset',
  };
}

function paceObstacle({ pace, callsPerSecondLimit, liveLimit }: QueueOverview): Obstacle | undefined {
  if (pace === null || callsPerSecondLimit === null) return undefined;
  const limit = Math.min(callsPerSecondLimit, liveLimit?.callsPerSecond ?? callsPerSecondLimit);
  if (pace >= limit * slowShare) return undefined;
  return {
    kind: 'slowed',
    what: `The cloud refuses calls for their rate, so all workers keep to ${pace.toFixed(1)} a second for now.`,
    advice: 'They speed up by themselves. Look who else uses this account, or lower CALLS_PER_SECOND.',
  };
}
