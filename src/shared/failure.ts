/**
 * What a failed call to the cloud means for the work that waits.
 *
 * - `retry`: passing trouble; an attempt is spent and the job comes back later.
 * - `throttle`: the account's call limit was met; every worker slows down, no attempt is spent.
 * - `dead`: the cloud will never carry this out; only an operator can help.
 * - `hold`: the set-up is at fault (credentials, region, endpoint); work waits until it is mended.
 */
export type FailureClass = 'retry' | 'throttle' | 'dead' | 'hold';

/** How much of a call a `dead` failure condemns. `unknown` means: find out by isolating. */
export type FailureScope = 'invocation' | 'request' | 'unknown';

/** A failed call, judged. It carries no secret and no answer body, so it may be logged and stored. */
export interface Failure {
  readonly class: FailureClass;
  /** The cloud's error code, or one of our own for failures that never reached the API (`NetworkError`, `CallTimeout`, …). */
  readonly code: string;
  readonly message: string;
  readonly scope: FailureScope;
  /** The cloud's RequestId, when an answer with one arrived. */
  readonly cloudRequestId?: string;
  /** True when fresh credentials may cure it: fetch them anew and try once more before holding. */
  readonly renewCredentials?: boolean;
  /** True when the failure wants a long pause before the next attempt (a quota, not a glitch). */
  readonly longBackoff?: boolean;
  /** True when it may concern this target only and not the credentials (CAM refusals). */
  readonly perTarget?: boolean;
  /**
   * True when it concerns every call to the same access point: the way there or the gateway is at fault. With the class
   * `retry` it only may: a probe tells.
   */
  readonly perAccessPoint?: boolean;
  /** True when it concerns calls to one region only: calls to other regions may well succeed. */
  readonly perRegion?: boolean;
  /** False when the code has no row of its own in the failure table: worth a warning. */
  readonly isKnown?: boolean;
}
