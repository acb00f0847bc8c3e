import type { Logger } from '../shared/logger.js';
import type { RedisClient } from '../shared/redis-connection.js';
import { readRedisInfo } from '../shared/redis-preflight.js';

const everyMs = 10_000;

/**
 * Notices that somebody has changed what Redis does when its memory is full. Workers check that before they start; a
 * Redis that begins to evict keys while they run would lose requests without an error.
 */
export class EvictionWatch {
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #said: string | undefined;

  constructor(
    private readonly client: RedisClient,
    private readonly logger: Logger,
  ) {}

  /** Asks Redis every ten seconds at most, and logs each change for the worse once. */
  async look(): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - this.#lookedAtMs < everyMs) return;
    this.#lookedAtMs = nowMs;
    const policy = (await readRedisInfo(this.client)).get('maxmemory_policy');
    const evicting = policy === 'noeviction' ? undefined : policy;
    if (evicting !== undefined && evicting !== this.#said) {
      this.logger.error(
        { policy: evicting },
        'Redis evicts keys when its memory is full: requests may be lost. Set maxmemory-policy noeviction',
      );
    }
    this.#said = evicting;
  }
}
