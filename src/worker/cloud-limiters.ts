import type { Logger } from '../shared/logger.js';
import { createRateLimiter, type RateLimiter, type RateLimiterStats } from '../shared/rate-limiter/index.js';

export interface CloudLimitersOptions {
  readonly redisUrl: string;
  readonly queuePrefix: string;
  readonly callsPerSecond: number;
  /** Where calls for a region enter the cloud. */
  readonly accessPointOf: (region: string) => string;
  readonly logger: Logger;
}

export type LimitedAction =
  | 'CancelInvocation'
  | 'DescribeInvocations'
  | 'DescribeInvocationTasks'
  | 'DescribeInvokers'
  | 'DescribeInvokerRecords'
  | 'DisableInvoker';

/** The name of the bucket that calls of this action to this access point share. */
export function bucketOf(action: LimitedAction, accessPoint: string): string {
  return `${action} ${accessPoint}`;
}

/**
 * The shared limiters: one for each action and access point, since that is how the cloud counts. It counts by
 * sub-account too, but an installation has one; two on the same prefix would only be slower than they need.
 */
export class CloudLimiters {
  readonly #limiters = new Map<string, RateLimiter>();

  constructor(private readonly options: CloudLimitersOptions) {}

  /** Connects the limiter if it is new, so that the first call does not have to wait for that. */
  of(action: LimitedAction, region: string): RateLimiter {
    const bucket = bucketOf(action, this.options.accessPointOf(region));
    const known = this.#limiters.get(bucket);
    if (known !== undefined) return known;
    const { redisUrl, queuePrefix, callsPerSecond, logger } = this.options;
    const limiter = createRateLimiter({
      redis: redisUrl,
      keyPrefix: queuePrefix,
      bucket,
      callsPerSecond,
      logger,
    });
    this.#limiters.set(bucket, limiter);
    limiter.start();
    return limiter;
  }

  stats(action: LimitedAction): RateLimiterStats[] {
    return [...this.#limiters]
      .filter(([bucket]) => bucket.startsWith(`${action} `))
      .map(([, limiter]) => limiter.stats());
  }

  async close(): Promise<void> {
    await Promise.all([...this.#limiters.values()].map((limiter) => limiter.close()));
  }
}
