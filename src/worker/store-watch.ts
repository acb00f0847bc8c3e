import { randomUUID } from 'node:crypto';
import type { Logger } from '../shared/logger.js';
import type { RedisClient } from '../shared/redis-connection.js';
import { EvictionWatch } from './eviction-watch.js';

export interface StoreWatchOptions {
  readonly client: RedisClient;
  /** Where the id of the data in Redis is kept; what is counted for this worker lies beside it. */
  readonly key: string;
  readonly logger: Logger;
}

/** What a look found: the data are what they were, gone, or an earlier state of them. */
export type StoreFinding = 'unchanged' | 'lost' | 'set back';

/** The count of a worker that has not looked for so long is forgotten, and says nothing then: no outage is as long. */
const countKeptMs = 24 * 3_600_000;

/**
 * Notices that Redis has lost its data while this worker ran: all of them, by a flush, an empty restart or a server
 * without them, or the latest, as when a replica takes over that had not got everything. What is gone nothing can bring
 * back, but nobody shall have to find out by chance.
 */
export class StoreWatch {
  readonly #countKey: string;
  readonly #eviction: EvictionWatch;
  #known: { readonly id: string; readonly count: number; readonly at: Moment } | undefined;

  constructor(private readonly options: StoreWatchOptions) {
    this.#countKey = `${options.key}:${randomUUID()}`;
    this.#eviction = new EvictionWatch(options.client, options.logger);
  }

  /** One look; each writes, so that the loss of the last one can be seen. Says in the log what it finds amiss. */
  async look(): Promise<StoreFinding> {
    const { client, key, logger } = this.options;
    await this.#eviction.look();
    const answers = await client
      .multi()
      .set(key, randomUUID(), 'NX')
      .get(key)
      .incr(this.#countKey)
      .pexpire(this.#countKey, countKeptMs)
      .exec();
    const [, id, count] = (answers ?? []).map(([error, answer]) => {
      if (error) throw error;
      return answer;
    });
    const before = this.#known;
    this.#known = { id: String(id), count: Number(count), at: moment() };
    if (before === undefined) return 'unchanged';
    if (before.id !== this.#known.id) {
      logger.error('Redis has lost its data: requests accepted before are gone, hand them in again');
      return 'lost';
    }
    if (this.#known.count > before.count || agoMs(before.at) > countKeptMs / 2) return 'unchanged';
    logger.error(
      'Redis has lost its latest writes: requests of the last seconds before it changed may be gone; ' +
        'hand in again what `tat-cancel status` does not know',
    );
    return 'set back';
  }
}

/** By both clocks: one stands still while a machine is suspended, the other may be set. */
interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

function moment(): Moment {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}

function agoMs(past: Moment): number {
  const now = moment();
  return Math.max(now.monotonicMs - past.monotonicMs, now.wallMs - past.wallMs);
}
