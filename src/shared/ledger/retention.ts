import type { RedisClient } from '../redis-connection.js';
import { type RedisKeys, redisKeys } from '../redis-keys.js';
import { LuaScript } from './script.js';

const removeScript = new LuaScript('remove-finished.lua');

/** A step of so many takes a few milliseconds of Redis' time. */
const mostPerStep = 500;
const dayMs = 24 * 60 * 60 * 1_000;

/**
 * Removes requests that were finished long ago, by the clock of Redis. Those with dead letters stay until somebody has
 * dealt with them.
 */
export class Retention {
  readonly #keys: RedisKeys;

  constructor(
    private readonly client: RedisClient,
    prefix: string,
  ) {
    this.#keys = redisKeys(prefix);
  }

  /**
   * Removes what has been finished for longer than `keepMs`, step by step, for about `budgetMs`; what is left then is for
   * the next time. Returns how many requests are gone.
   */
  async removeSome(keepMs: number, budgetMs: number): Promise<number> {
    const { settled, requests, ledger } = this.#keys;
    const startedAt = performance.now();
    let removed = 0;
    for (;;) {
      const [some = 0, isMoreDue] = (await removeScript.run(
        this.client,
        [settled, requests],
        [ledger, keepMs, mostPerStep, dayMs],
      )) as number[];
      removed += some;
      if (isMoreDue !== 1 || performance.now() - startedAt > budgetMs) return removed;
    }
  }
}
