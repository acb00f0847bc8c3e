/** What a call asked for, as far as it could be read. */
export interface CallFacts {
  readonly action: string;
  readonly region: string;
  readonly secretId: string;
  readonly invocationId: string | undefined;
  readonly instanceIds: readonly string[] | undefined;
}

/** One call that reached the simulator. Kept small, since a run may make a million of them. */
export class RecordedCall {
  readonly action: string;
  readonly region: string;
  readonly secretId: string;
  readonly invocationId: string | undefined;
  readonly instanceCount: number;
  /**
   * What was answered: `OK`, the error code, `HTTP 502`, or the name of a broken answer such as `hang`. Undefined while
   * no answer was decided on.
   */
  code: string | undefined;
  /** True when the action was carried out, whatever was answered. */
  executed = false;
  /** When the answer was out, or the connection gone, on the same clock as `atMs`. */
  answeredAtMs: number | undefined;
  // One string instead of up to a hundred: a quarter of the memory.
  readonly #joinedIds: string | undefined;

  constructor(
    facts: CallFacts,
    /** Counts all calls, from 1. */
    readonly number: number,
    /** When it arrived, in milliseconds of the monotonic clock `performance.now()`. */
    readonly atMs: number,
    private readonly requestIdPrefix: string,
  ) {
    this.action = facts.action;
    this.region = facts.region;
    this.secretId = facts.secretId;
    this.invocationId = facts.invocationId;
    this.instanceCount = facts.instanceIds?.length ?? 0;
    this.#joinedIds = facts.instanceIds?.join(' ');
  }

  /** When it arrived, in epoch milliseconds with fractions. */
  get atEpochMs(): number {
    return performance.timeOrigin + this.atMs;
  }

  /** The ids the call listed; undefined when it had no list, which for a cancel means the whole invocation. */
  get instanceIds(): string[] | undefined {
    if (this.#joinedIds === undefined) return undefined;
    return this.#joinedIds === '' ? [] : this.#joinedIds.split(' ');
  }

  /** The RequestId of the answer, made for the call even if no answer carried it. */
  get cloudRequestId(): string {
    return `${this.requestIdPrefix}-${this.number.toString(16).padStart(12, '0')}`;
  }

  toJSON(): Record<string, unknown> {
    return {
      number: this.number,
      atMs: this.atMs,
      at: new Date(this.atEpochMs).toISOString(),
      action: this.action,
      region: this.region,
      invocationId: this.invocationId,
      instanceCount: this.instanceCount,
      instanceIds: this.instanceIds,
      code: this.code,
      executed: this.executed,
      cloudRequestId: this.cloudRequestId,
      secretId: this.secretId,
      answeredAtMs: this.answeredAtMs,
    };
  }
}
