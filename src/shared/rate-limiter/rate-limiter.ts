/** The right to send one call now. */
export interface Permit {
  /**
   * Resolves when the call may leave: at once, unless the permit was acquired ahead (`isAhead`). Await it when all is
   * ready: the limiter learns from it how long that takes.
   */
  whenDue(): Promise<void>;
  /**
   * Ask at the very last moment before the request leaves. False when it is too late (or too early) for that, or the
   * connection to Redis was lost: the call stays here and needs another permit. This one is given back by itself.
   */
  mayLeave(): boolean;
  /**
   * Tells that the call has just gone out: from now on the log holds when it really left. Once is enough; never fails.
   */
  noteSent(): void;
  /** The permit is not needed: the next who asks has it. Does nothing once the call may have left; never fails. */
  giveBack(): void;
}

export interface AcquireOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether the call carries as many ids as a call takes, or nothing more can come; default true. Such a call may leave
   * early when the window has room. One that is not full keeps the full interval, so that more ids can join it.
   */
  readonly isFull?: boolean | undefined;
  /** Ahead of the other waiters of this process. */
  readonly isUrgent?: boolean | undefined;
  /**
   * Resolve before the call may leave, by as much as getting ready took lately (a claim in a Redis that is far, a
   * signature on a busy machine); then await `whenDue`. Default false.
   */
  readonly isAhead?: boolean | undefined;
}

/** What the limiter has seen since it was made, for logs, metrics and `doctor`. */
export interface RateLimiterStats {
  /** Permits handed out. */
  readonly permits: number;
  /** Permits that came, or were used, too late. */
  readonly late: number;
  readonly givenBack: number;
  /** Throttled calls reported to this process. */
  readonly throttled: number;
  /** Times that a lost connection was replaced. */
  readonly reconnects: number;
  /** The interval in force at full load, shared by all processes, in ms. */
  readonly intervalMs: number;
}

/**
 * One bucket of the cloud's call limit (action, access endpoint, credential), shared by every process that uses the
 * same Redis and bucket name.
 */
export interface RateLimiter {
  /** Connects now; otherwise the first `acquire` does. Never fails: while Redis is away it goes on trying. */
  start(): void;
  /**
   * Resolves when a call may leave, in the order of asking. Waits while Redis is away, for as long as that takes;
   * rejects only with the signal's reason, or with `RateLimiterClosedError` after `close`.
   */
  acquire(options?: AcquireOptions): Promise<Permit>;
  /** The cloud throttled a call: all processes slow down together. Resolves when shared (or given up on). */
  reportThrottled(): Promise<void>;
  stats(): RateLimiterStats;
  /** Rejects waiters and ends the connections. Safe to call twice. */
  close(): Promise<void>;
}
