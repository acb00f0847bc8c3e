import { randomUUID } from 'node:crypto';
import type { Logger } from '../shared/logger.js';
import type { RedisClient } from '../shared/redis-connection.js';

export interface StoreWatchOptions {
  readonly client: RedisClient;
  /** Where the id of the data in Redis is kept. */
  readonly key: string;
  readonly logger: Logger;
}

/**
 * Notices that Redis has lost its data while this worker ran: restarted empty, flushed, or replaced by a server without
 * them. What was accepted before is gone then and nothing can bring it back, but nobody shall have to find out by chance.
 */
export class StoreWatch {
  #known: string | undefined;

  constructor(private readonly options: StoreWatchOptions) {}

  /** One look. Says so in the log when the data are not those of the last look; resolves with true then. */
  async look(): Promise<boolean> {
    const { client, key, logger } = this.options;
    let found = await client.get(key);
    if (found === null) {
      await client.set(key, randomUUID(), 'NX');
      found = await client.get(key);
    }
    const isLost = this.#known !== undefined && found !== this.#known;
    this.#known = found ?? undefined;
    if (isLost) {
      logger.error('Redis has lost its data: requests accepted before are gone, hand them in again');
    }
    return isLost;
  }
}
