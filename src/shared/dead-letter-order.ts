import { LuaScript } from './ledger/script.js';
import type { RedisClient } from './redis-connection.js';
import { type RedisKeys, redisKeys } from './redis-keys.js';

const numberScript = new LuaScript('number-letters.lua', import.meta.url);

const idsPerScript = 500;

/**
 * The order of dead letters, oldest first: each has a number for life, so a place in the list stays good while other
 * letters come and go. The queue says which letters there are; this only says in which order.
 */
export class DeadLetterOrder {
  readonly #keys: RedisKeys;

  constructor(
    private readonly client: RedisClient,
    prefix: string,
  ) {
    this.#keys = redisKeys(prefix);
  }

  /** Numbers those that have no number yet. Do it before a letter is put into the queue. Safe to repeat. */
  async add(ids: readonly string[]): Promise<void> {
    for (let from = 0; from < ids.length; from += idsPerScript) {
      const keys = [this.#keys.deadLetterOrder, this.#keys.deadLetterSequence];
      await numberScript.run(this.client, keys, ids.slice(from, from + idsPerScript));
    }
  }

  /** The next letters behind the one with this number; 0 for the first. */
  async after(number: number, most: number): Promise<{ id: string; number: number }[]> {
    const flat = await this.client.zrangebyscore(
      this.#keys.deadLetterOrder,
      `(${number}`,
      '+inf',
      'WITHSCORES',
      'LIMIT',
      0,
      most,
    );
    return flat.flatMap((id, at) => (at % 2 === 0 ? [{ id, number: Number(flat[at + 1]) }] : []));
  }

  async size(): Promise<number> {
    return await this.client.zcard(this.#keys.deadLetterOrder);
  }

  async remove(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.client.zrem(this.#keys.deadLetterOrder, ...ids);
  }
}
