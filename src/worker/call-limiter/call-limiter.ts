/** Permission for one call to leave. Use it at once: a slot that is used too late would break the limit. */
export interface CallSlot {
  /** False once it is too late to send with this slot: drop it and take another. */
  isUsable(): boolean;
  /** The same at the very last moment, from which the limiter learns how late this process is. */
  mayLeave(): boolean;
  /**
   * Tells that the call has just gone out. One that left later than the limit bears (it waited for a connection, or the
   * process for a core) makes the slots after it come as much later. Once is enough; never fails.
   */
  noteSent(): void;
}

/** What the limiter has seen since it was made, for logs, metrics and `doctor`. */
export interface CallLimiterStats {
  readonly slots: number;
  readonly lateSlots: number;
  /** Times that limiter and connections were thrown away and made anew. */
  readonly recreations: number;
  /** Refusals by the cloud reported to this process. */
  readonly refusals: number;
  /** The spacing in force, shared by all processes, in milliseconds. */
  readonly spacingMs: number;
}

/**
 * One bucket of the cloud's call limit (action, access endpoint, credential), shared by every process that uses the
 * same Redis and bucket name.
 */
export interface CallLimiter {
  /**
   * Resolves when a call may leave, in the order of asking; `hasMissed`: ahead of all others, as the slot that came in its
   * turn was missed. Waits for ever while Redis is away; rejects only with the
   * signal's reason, or with `CallLimiterClosedError` after `close`.
   */
  take(signal?: AbortSignal, hasMissed?: boolean): Promise<CallSlot>;
  /** The cloud refused a call for its rate: all processes back off together. Resolves when shared (or given up on). */
  reportRefusal(): Promise<void>;
  stats(): CallLimiterStats;
  /** Gives up waiting slots and ends the connections. Safe to call twice. */
  close(): Promise<void>;
}
