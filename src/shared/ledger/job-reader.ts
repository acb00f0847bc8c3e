import type { RedisClient } from '../redis-connection.js';
import { type RedisKeys, redisKeys } from '../redis-keys.js';
import { type Priority, prioritySchema } from '../schemas.js';

/** One job of a request, as the ledger has it. */
export interface LedgerJob {
  readonly position: number;
  readonly region: string;
  readonly invocationId: string;
  /** Left out for a whole invocation. */
  readonly instanceIds?: readonly string[];
  /** One letter per instance. */
  readonly letters: string;
}

export interface RequestOutline {
  readonly requestId: string;
  readonly jobs: number;
  readonly priority: Priority;
  readonly sequence: number;
}

/** Reads the jobs of requests from the ledger, for those who mend and those who look closely. */
export class JobReader {
  readonly #keys: RedisKeys;

  constructor(
    private readonly client: RedisClient,
    prefix?: string,
  ) {
    this.#keys = redisKeys(prefix);
  }

  /** Ids of requests with unsettled instances, the oldest first, from the given rank on. */
  async openRequests(from: number, most: number): Promise<string[]> {
    return await this.client.zrange(this.#keys.open, String(from), String(from + most - 1));
  }

  /** Ids of requests accepted more than `olderThanMs` ago (by this machine's clock) whose jobs may not be queued. */
  async unqueuedRequests(olderThanMs: number, most: number): Promise<string[]> {
    const acceptedBefore = String(Date.now() - olderThanMs);
    return await this.client.zrangebyscore(this.#keys.unqueued, '-inf', acceptedBefore, 'LIMIT', 0, most);
  }

  /** Whether the jobs of the request are not known to be in the queue yet. */
  async isUnqueued(requestId: string): Promise<boolean> {
    return (await this.client.zscore(this.#keys.unqueued, requestId)) !== null;
  }

  async outline(requestId: string): Promise<RequestOutline | undefined> {
    const [jobs, priority, sequence] = await this.client.hmget(
      this.#keys.request(requestId),
      'jobs',
      'priority',
      'sequence',
    );
    if (jobs === null || jobs === undefined) return undefined;
    return {
      requestId,
      jobs: Number(jobs),
      priority: prioritySchema.catch('normal').parse(priority),
      sequence: Number(sequence),
    };
  }

  /** Jobs `from` (included) up to `to` (not included); positions that do not exist are left out. */
  async jobs(requestId: string, from: number, to: number): Promise<LedgerJob[]> {
    const positions = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
    if (positions.length === 0) return [];
    const fields = positions.flatMap((position) => [`t:${position}`, `i:${position}`, `l:${position}`]);
    const values = await this.client.hmget(this.#keys.request(requestId), ...fields);
    return positions.flatMap((position, index) => {
      const [target, ids, letters] = values.slice(index * 3, index * 3 + 3);
      if (typeof target !== 'string' || typeof ids !== 'string' || typeof letters !== 'string') return [];
      const [region = '', invocationId = ''] = target.split('|');
      return [
        { position, region, invocationId, ...(ids === '' ? {} : { instanceIds: ids.split(' ') }), letters },
      ];
    });
  }
}

/** Whether some of the job's instances still need a call, or the news of one. */
export function isUnfinished(job: Pick<LedgerJob, 'letters'>): boolean {
  return job.letters.includes('w') || job.letters.includes('s');
}
