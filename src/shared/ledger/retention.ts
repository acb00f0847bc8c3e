import { formatJobRef, jobIdOf } from '../job-ref.js';
import type { RedisClient } from '../redis-connection.js';
import { type RedisKeys, redisKeys } from '../redis-keys.js';
import { JobReader } from './job-reader.js';
import { LuaScript } from './script.js';

const unindexScript = new LuaScript('unindex-instances.lua');

const requestsPerRound = 20;
const jobsPerStep = 100;
const dayMs = 24 * 60 * 60 * 1_000;

/** Removes requests that were finished long ago. Those with dead letters stay until somebody has dealt with them. */
export class Retention {
  readonly #keys: RedisKeys;
  readonly #jobs: JobReader;

  constructor(
    private readonly client: RedisClient,
    prefix: string,
    /** Removes what the queue still keeps of finished jobs. */
    private readonly removeJobs: (jobIds: readonly string[]) => Promise<void>,
  ) {
    this.#keys = redisKeys(prefix);
    this.#jobs = new JobReader(client, prefix);
  }

  /** Removes some of the requests that were settled before `beforeMs`. Returns how many. Safe to break off and repeat. */
  async removeSome(beforeMs: number): Promise<number> {
    let removed = 0;
    const ids = await this.client.zrangebyscore(
      this.#keys.settled,
      '-inf',
      beforeMs,
      'LIMIT',
      0,
      requestsPerRound,
    );
    for (const requestId of ids) {
      const key = this.#keys.request(requestId);
      const [dead, discarded] = await this.client.hmget(key, 'dead-lettered', 'discarded');
      if (Number(dead ?? 0) > Number(discarded ?? 0)) {
        await this.client.zadd(this.#keys.settled, beforeMs + dayMs, requestId);
        continue;
      }
      await this.#remove(requestId);
      removed += 1;
    }
    return removed;
  }

  async #remove(requestId: string): Promise<void> {
    const outline = await this.#jobs.outline(requestId);
    for (let from = 0; from < (outline?.jobs ?? 0); from += jobsPerStep) {
      const jobs = await this.#jobs.jobs(requestId, from, Math.min(from + jobsPerStep, outline?.jobs ?? 0));
      if (jobs.length === 0) break; // the count was changed by hand
      for (const { position, region, invocationId, round, instanceIds = [] } of jobs) {
        const ref = { requestId, position };
        await this.client.zrem(this.#keys.pool(region, invocationId), formatJobRef(ref));
        await this.removeJobs(Array.from({ length: round + 1 }, (_, each) => jobIdOf(ref, each)));
        if (instanceIds.length === 0) continue;
        const buckets = instanceIds.map((id) => this.#keys.instances(id));
        await unindexScript.run(this.client, buckets, [`${outline?.sequence}.${position}`, ...instanceIds]);
      }
    }
    await this.client.unlink(this.#keys.request(requestId));
    await this.client.zrem(this.#keys.requests, requestId);
    // Last, so that a crash before leaves it to the next round.
    await this.client.zrem(this.#keys.settled, requestId);
  }
}
