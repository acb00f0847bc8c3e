import type { RateLimiter } from '../../shared/rate-limiter/index.js';
import { CloudLimiters, type CloudLimitersOptions, type LimitedAction } from '../cloud-limiters.js';
import type { WorkerMetrics } from './worker-metrics.js';

/** The shared limiters, with every wait for a permit timed. */
export class ObservedLimiters extends CloudLimiters {
  readonly #observed = new Map<RateLimiter, RateLimiter>();
  readonly #actions = new Set<LimitedAction>();

  constructor(
    options: CloudLimitersOptions,
    private readonly metrics: WorkerMetrics,
  ) {
    super(options);
    metrics.watchLimiters(() =>
      [...this.#actions].flatMap((action) => this.stats(action).map((stats) => ({ action, stats }))),
    );
  }

  override of(action: LimitedAction, region: string): RateLimiter {
    const limiter = super.of(action, region);
    const known = this.#observed.get(limiter);
    if (known !== undefined) return known;
    this.#actions.add(action);
    const observed: RateLimiter = {
      start: () => limiter.start(),
      acquire: async (acquireOptions) => {
        const end = this.metrics.permitWaitSeconds.startTimer({ action });
        const permit = await limiter.acquire(acquireOptions);
        end();
        return permit;
      },
      reportThrottled: () => limiter.reportThrottled(),
      stats: () => limiter.stats(),
      close: () => limiter.close(),
    };
    this.#observed.set(limiter, observed);
    return observed;
  }
}
