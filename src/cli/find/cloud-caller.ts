import type { CallOptions, CallResult, TatClient } from '../../cloud/tat-client.js';
import { unavailable } from '../../producer/redis-errors.js';
import type { Clock } from '../../shared/clock.js';
import type { RateLimiter } from '../../shared/rate-limiter/index.js';
import type { LimitedAction } from '../../worker/cloud-limiters.js';
import { sendInTime } from '../../worker/send-in-time.js';
import { explainFailure } from './explain-failure.js';

export interface CloudCallerDeps {
  readonly client: TatClient;
  readonly limiters: { of(action: LimitedAction, region: string): RateLimiter };
  readonly clock: Clock;
  /** For the message when no permit comes. */
  readonly redisUrl: string;
}

/** A cloud that is away is called this often before the user is told. */
const attempts = 3;
const pauseMs = 400;

/** Workers may keep the limiter busy, and every refusal slows it down; but somebody waits here. */
const refusalPatience = 20;
const permitPatienceMs = 30_000;

/** Makes calls for the command line: each with a permit of the limiter that all workers share, passing trouble tried again. */
export class CloudCaller {
  #calls = 0;

  constructor(private readonly deps: CloudCallerDeps) {}

  /** Calls made so far, repeated ones too. */
  get calls(): number {
    return this.#calls;
  }

  /**
   * Makes one call, several times if need be.
   * @throws {CloudCallError} that says what to do
   * @throws {EnqueueError} `REDIS_UNAVAILABLE` when no permit comes
   */
  async call<Value>(
    action: LimitedAction,
    region: string,
    send: (client: TatClient, options: CallOptions) => Promise<CallResult<Value>>,
  ): Promise<Value> {
    const { client, clock, limiters } = this.deps;
    const limiter = limiters.of(action, region);
    let refusals = 0;
    for (let attempt = 1; ; ) {
      const result = await this.#sendInTime(limiter, (options) => send(client, options));
      this.#calls += 1;
      if (result.ok) return result.value;
      const { failure } = result;
      if (failure.class === 'throttle' && refusals < refusalPatience) {
        refusals += 1;
        await limiter.reportThrottled();
        continue;
      }
      const isCurable = failure.class === 'retry' || (failure.renewCredentials === true && attempt === 1);
      if (!isCurable || attempt >= attempts) throw explainFailure(action, failure);
      await clock.sleep(pauseMs * attempt);
      attempt += 1;
    }
  }

  async #sendInTime<Value>(
    limiter: RateLimiter,
    send: (options: CallOptions) => Promise<CallResult<Value>>,
  ): Promise<CallResult<Value>> {
    const patience = AbortSignal.timeout(permitPatienceMs);
    try {
      return await sendInTime(limiter, send, patience);
    } catch (error) {
      if (!patience.aborted) throw error;
      throw unavailable(
        this.deps.redisUrl,
        `no permit for a call within ${permitPatienceMs / 1_000} s`,
        error,
      );
    }
  }
}
