import type { RequestProgress, RequestStatus } from '../../producer/index.js';
import { type InstanceState, instanceStates } from '../../shared/ledger/index.js';
import { countOverdueProofs } from '../../shared/overdue-proof.js';
import { hindranceOf } from './describe-status.js';

/** One or more requests, seen as one. */
export interface WatchedTotal {
  readonly requestIds: readonly string[];
  readonly isFinished: boolean;
  readonly total: number;
  readonly counts: Readonly<Record<InstanceState, number>>;
  /** Instances that have their outcome. */
  readonly done: number;
  readonly calls: number;
  readonly acceptedAt: string;
  readonly firstCallAt?: string;
  readonly lastCallAt?: string;
  readonly settledAt?: string;
  /** Until all of them have their outcome; null when that cannot be told, or is past. */
  readonly etaSeconds: number | null;
  /** Instances that hold out, when nothing else is left; then there is no estimate. */
  readonly overdueProofs: number;
  /** What keeps them from getting on. */
  readonly hindrance?: string;
}

/** Adds up requests that are watched together. Times are ISO 8601, which sort as text. */
export function addUp(statuses: readonly RequestProgress[], nowMs: number): WatchedTotal {
  const sum = (numberOf: (status: RequestProgress) => number) =>
    statuses.reduce((total, status) => total + numberOf(status), 0);
  const counts = Object.fromEntries(
    instanceStates.map((state) => [state, sum((status) => status.counts[state])]),
  ) as Record<InstanceState, number>;
  const isFinished = statuses.every(isOver);
  const first = (field: 'acceptedAt' | 'firstCallAt') => timesOf(statuses, field)[0];
  const last = (field: 'lastCallAt' | 'settledAt') => timesOf(statuses, field).at(-1);
  const [firstCallAt, lastCallAt, settledAt] = [first('firstCallAt'), last('lastCallAt'), last('settledAt')];
  const unfinished = statuses.filter((status) => !isOver(status));
  const overdue = unfinished.map((status) => countOverdueProofs(status, nowMs));
  const overdueProofs = overdue.includes(0) ? 0 : overdue.reduce((total, count) => total + count, 0);
  const [hindrance] = unfinished.map(hindranceOf).filter((text) => text !== undefined);
  return {
    requestIds: statuses.map(({ requestId }) => requestId),
    isFinished,
    total: sum(({ total }) => total),
    counts,
    done: sum(countDone),
    calls: sum(({ calls }) => calls),
    acceptedAt: first('acceptedAt') ?? '',
    ...(firstCallAt === undefined ? {} : { firstCallAt }),
    ...(lastCallAt === undefined ? {} : { lastCallAt }),
    ...(isFinished && settledAt !== undefined ? { settledAt } : {}),
    etaSeconds: overdueProofs > 0 ? null : latestOf(unfinished),
    overdueProofs,
    ...(hindrance === undefined ? {} : { hindrance }),
  };
}

/** Null as soon as one of them cannot be told. What damaged ones say of themselves is no ground for an estimate. */
function latestOf(unfinished: readonly RequestProgress[]): number | null {
  const etas = unfinished.map(({ etaSeconds, damaged }) => (damaged === undefined ? etaSeconds : null));
  const known = etas.filter((seconds) => seconds !== null);
  return known.length === 0 || known.length < etas.length ? null : Math.max(...known);
}

function isOver({ state }: Pick<RequestStatus, 'state'>): boolean {
  return state === 'finished' || state === 'withdrawn';
}

/** Instances that have their outcome. Accepted is not the end while proof is asked for; once the request is over, it was. */
export function countDone(status: Pick<RequestStatus, 'state' | 'total' | 'counts' | 'confirm'>): number {
  const { waiting, accepted } = status.counts;
  return isOver(status) ? status.total : status.total - waiting - (status.confirm ? accepted : 0);
}

function timesOf(
  statuses: readonly RequestProgress[],
  field: 'acceptedAt' | 'firstCallAt' | 'lastCallAt' | 'settledAt',
): string[] {
  return statuses
    .map((status) => status[field])
    .filter((time) => time !== undefined)
    .sort();
}
