import type { CallOptions, CallResult, Invocation, TatClient } from '../../cloud/tat-client.js';
import type { Logger } from '../../shared/logger.js';
import type { Pool } from '../../shared/pool-job.js';
import type { RateLimiter } from '../../shared/rate-limiter/index.js';
import { sendInTime } from '../send-in-time.js';

/** On which instances an invocation runs, where it is certain that these are all of them. */
export interface Cover {
  readonly members: readonly string[];
  /** Those whose task was not seen to have ended. A call for the whole invocation has to be asked for by all of these. */
  readonly unfinished: readonly string[];
}

export interface CoverReaderOptions {
  readonly client: Pick<TatClient, 'describeInvocations' | 'describeInvocationTasks'>;
  readonly limiterOf: (
    action: 'DescribeInvocations' | 'DescribeInvocationTasks',
    region: string,
  ) => RateLimiter;
  readonly logger: Logger;
}

/** Questions that come within so many ms are asked together. */
const gatherMs = 2;
const invocationsPerCall = 100;
/** A filter takes so many values. */
const invocationsPerCount = 5;
/** Members never change once an invocation has started, and tasks only end: an old answer is still true. */
const mostRemembered = 5_000;

/** No end of the task that would prove it stopped. */
const openStatuses = new Set([
  'PENDING',
  'DELIVERING',
  'DELIVER_DELAYED',
  'RUNNING',
  'CANCELLING',
  'TASK_TIMEOUT',
]);

/**
 * Asks the cloud for the members of invocations. One call names those of a hundred invocations; whether a list is complete is
 * told by the cloud's own count, asked for five invocations at a time. Both have buckets of their own, so that no cancel
 * waits for them.
 */
export class CoverReader {
  readonly #answers = new Map<string, Promise<Cover | undefined>>();
  #gathered = new Map<string, { pool: Pool; resolve: (cover: Cover | undefined) => void }[]>();

  constructor(private readonly options: CoverReaderOptions) {}

  /** Undefined when it is not certain. Never rejects. */
  async read(pool: Pool): Promise<Cover | undefined> {
    const key = keyOf(pool);
    const known = this.#answers.get(key);
    if (known !== undefined) return await known;
    const answer = new Promise<Cover | undefined>((resolve) => this.#gather(pool, resolve));
    if (this.#answers.size >= mostRemembered) this.#answers.clear();
    this.#answers.set(key, answer);
    return await answer;
  }

  /** The cloud did not take a call for the whole invocation: none is made any more. */
  deny(pool: Pool): void {
    this.#answers.set(keyOf(pool), Promise.resolve(undefined));
  }

  #gather(pool: Pool, resolve: (cover: Cover | undefined) => void): void {
    if (this.#gathered.size === 0) setTimeout(() => void this.#askAll(), gatherMs);
    const others = this.#gathered.get(pool.region) ?? [];
    this.#gathered.set(pool.region, [...others, { pool, resolve }]);
  }

  async #askAll(): Promise<void> {
    const gathered = this.#gathered;
    this.#gathered = new Map();
    for (const [region, questions] of gathered) {
      for (let from = 0; from < questions.length; from += invocationsPerCall) {
        const part = questions.slice(from, from + invocationsPerCall);
        const covers = await this.#ask(
          region,
          part.map(({ pool }) => pool.invocationId),
        ).catch((error: unknown) => {
          this.options.logger.warn({ err: error, region }, 'failed to read the members of invocations');
          return new Map<string, Cover>();
        });
        for (const { pool, resolve } of part) resolve(covers.get(pool.invocationId));
      }
    }
  }

  async #ask(region: string, invocationIds: readonly string[]): Promise<Map<string, Cover>> {
    const { client, limiterOf, logger } = this.options;
    const listed = await this.#send(limiterOf('DescribeInvocations', region), (options) =>
      client.describeInvocations({ region, invocationIds, limit: invocationsPerCall }, options),
    );
    if (!listed.ok) {
      logger.info({ region, code: listed.failure.code }, 'members of invocations could not be read');
      return new Map();
    }
    const wanted = new Set(invocationIds);
    const found = listed.value.invocations.filter(
      ({ invocationId, tasks }) => wanted.has(invocationId) && tasks.length > 0,
    );
    const parts: Invocation[][] = [];
    for (let from = 0; from < found.length; from += invocationsPerCount) {
      parts.push(found.slice(from, from + invocationsPerCount));
    }
    const counted = await Promise.all(
      parts.map(async (part) => ((await this.#isComplete(region, part)) ? part : [])),
    );
    return new Map(counted.flat().map((invocation) => [invocation.invocationId, coverOf(invocation)]));
  }

  /** A list can only be too short; so if the sum is right, each of them is. */
  async #isComplete(region: string, invocations: readonly Invocation[]): Promise<boolean> {
    const { client, limiterOf } = this.options;
    const input = { region, invocationIds: invocations.map(({ invocationId }) => invocationId), limit: 1 };
    const counted = await this.#send(limiterOf('DescribeInvocationTasks', region), (options) =>
      client.describeInvocationTasks(input, options),
    );
    const listed = invocations.reduce((sum, { tasks }) => sum + tasks.length, 0);
    return counted.ok && counted.value.totalCount === listed;
  }

  async #send<Value>(
    limiter: RateLimiter,
    send: (options: CallOptions) => Promise<CallResult<Value>>,
  ): Promise<CallResult<Value>> {
    const result = await sendInTime(limiter, send);
    if (!result.ok && result.failure.class === 'throttle') await limiter.reportThrottled();
    return result;
  }
}

function coverOf({ tasks }: Invocation): Cover {
  return {
    members: tasks.map(({ instanceId }) => instanceId),
    unfinished: tasks.filter(({ status }) => openStatuses.has(status)).map(({ instanceId }) => instanceId),
  };
}

function keyOf({ region, invocationId }: Pool): string {
  return `${region}|${invocationId}`;
}
