import type { Failure, FailureClass } from './failure.js';

/** What a class of failures does to the work that met it, and to other work. */
export interface FailurePolicy {
  /** Counts against the attempts of the job. */
  readonly spendsAttempt: boolean;
  /** All workers slow down. */
  readonly slowsAll: boolean;
  /** A call with several instances is taken apart to find those that are to blame. */
  readonly isolates: boolean;
  /** Calls that would fail the same way wait until it is over; nothing is spent. */
  readonly blocks: boolean;
}

const nothing: FailurePolicy = { spendsAttempt: false, slowsAll: false, isolates: false, blocks: false };

export const failurePolicies: Readonly<Record<FailureClass, FailurePolicy>> = {
  retry: { ...nothing, spendsAttempt: true },
  throttle: { ...nothing, slowsAll: true },
  dead: { ...nothing, isolates: true },
  hold: { ...nothing, blocks: true },
};

export function policyOf(failure: Failure): FailurePolicy {
  return failurePolicies[failure.class];
}

/** How many calls one cause keeps back. */
export const blockScopes = ['everything', 'access-point', 'region', 'targets'] as const;
export type BlockScope = (typeof blockScopes)[number];

/**
 * Which calls fail, or may fail, for the same cause; undefined when only this one does. A connection that fails says
 * nothing of its target, so it counts here although its class is `retry`: whether it blocks has to be found out.
 */
export function scopeOf(failure: Failure): BlockScope | undefined {
  if (failure.perAccessPoint) return 'access-point';
  if (!policyOf(failure).blocks) return undefined;
  if (failure.perTarget) return 'targets';
  return failure.perRegion ? 'region' : 'everything';
}
