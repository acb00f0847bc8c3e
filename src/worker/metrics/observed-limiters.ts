import type { SharedCallLimiter } from '../call-limiter/index.js';
import { CloudLimiters, type CloudLimitersOptions, type LimitedAction } from '../cloud-limiters.js';
import type { WorkerMetrics } from './worker-metrics.js';

/** The shared limiters, with every wait for a slot timed. */
export class ObservedLimiters extends CloudLimiters {
  readonly #observed = new Map<SharedCallLimiter, SharedCallLimiter>();
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

  override of(action: LimitedAction, region: string): SharedCallLimiter {
    const limiter = super.of(action, region);
    const known = this.#observed.get(limiter);
    if (known !== undefined) return known;
    this.#actions.add(action);
    const observed: SharedCallLimiter = {
      start: () => limiter.start(),
      take: async (signal, hasMissed) => {
        const end = this.metrics.slotWaitSeconds.startTimer({ action });
        const slot = await limiter.take(signal, hasMissed);
        end();
        return slot;
      },
      reportRefusal: () => limiter.reportRefusal(),
      stats: () => limiter.stats(),
      close: () => limiter.close(),
    };
    this.#observed.set(limiter, observed);
    return observed;
  }
}
