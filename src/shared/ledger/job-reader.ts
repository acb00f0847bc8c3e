import { isDamagedData } from '../damaged-data.js';
import type { JobRef } from '../job-ref.js';
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
  /** How often it was put into the queue anew. */
  readonly round: number;
  /** One mark per instance: 1 where it was cancelled a second time because its task ran on. */
  readonly cancelledAgain: string;
  /** When the cloud accepted the first of it (ms since the epoch, Redis' clock). */
  readonly acceptedAt?: number;
  /** The cloud's id of the last call that it accepted for this job. */
  readonly cloudRequestId?: string;
}

const fieldsOfJob = ['t', 'i', 'l', 'g', 'k', 'c', 'r'] as const;

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

  /** Milliseconds since the epoch by the clock of Redis, which all times in the ledger are of. */
  async now(): Promise<number> {
    const [seconds, microseconds] = await this.client.time();
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  }

  /** When the back-off of a job is over (ms since the epoch, Redis' clock); 0 when it has none. */
  async notBefore({ requestId, position }: JobRef): Promise<number> {
    const [notBefore] = await this.#fields(requestId, [`b:${position}`]);
    return Number(notBefore ?? 0) || 0;
  }

  /** Ids of requests accepted more than `olderThanMs` ago whose jobs may not be queued. */
  async unqueuedRequests(olderThanMs: number, most: number): Promise<string[]> {
    const acceptedBefore = String((await this.now()) - olderThanMs);
    return await this.client.zrangebyscore(this.#keys.unqueued, '-inf', acceptedBefore, 'LIMIT', 0, most);
  }

  /** Whether the jobs of the request are not known to be in the queue yet. */
  async isUnqueued(requestId: string): Promise<boolean> {
    return (await this.client.zscore(this.#keys.unqueued, requestId)) !== null;
  }

  async outline(requestId: string): Promise<RequestOutline | undefined> {
    const [jobs, priority, sequence] = await this.#fields(requestId, ['jobs', 'priority', 'sequence']);
    if (jobs === null || jobs === undefined) return undefined;
    return {
      requestId,
      jobs: Number(jobs) || 0,
      priority: prioritySchema.catch('normal').parse(priority),
      sequence: Number(sequence) || 0,
    };
  }

  /** Jobs `from` (included) up to `to` (not included); positions that do not exist are left out. */
  async jobs(requestId: string, from: number, to: number): Promise<LedgerJob[]> {
    const positions = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
    if (positions.length === 0) return [];
    const fields = positions.flatMap((position) => fieldsOfJob.map((field) => `${field}:${position}`));
    const values = await this.#fields(requestId, fields);
    const width = fieldsOfJob.length;
    return positions.flatMap((position, index) => {
      const job = toJob(position, values.slice(index * width, (index + 1) * width));
      return job === undefined ? [] : [job];
    });
  }

  /** The same without what names instances, for those who go through thousands of jobs. */
  async standings(
    requestId: string,
    from: number,
    to: number,
  ): Promise<Pick<LedgerJob, 'position' | 'letters' | 'round'>[]> {
    const positions = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
    if (positions.length === 0) return [];
    const values = await this.#fields(
      requestId,
      positions.flatMap((position) => [`l:${position}`, `g:${position}`]),
    );
    return positions.flatMap((position, index) => {
      const letters = values[2 * index];
      if (typeof letters !== 'string') return [];
      return [{ position, letters, round: Number(values[2 * index + 1] ?? 0) || 0 }];
    });
  }

  /** A key that somebody has put something else into counts as not there: it must not keep others from being mended. */
  async #fields(requestId: string, names: readonly string[]): Promise<(string | null)[]> {
    try {
      return await this.client.hmget(this.#keys.request(requestId), ...names);
    } catch (error) {
      if (isDamagedData(error)) return names.map(() => null);
      throw error;
    }
  }
}

function toJob(position: number, values: readonly (string | null)[]): LedgerJob | undefined {
  const [target, ids, letters, round, again, acceptedAt, cloudRequestId] = values;
  if (typeof target !== 'string' || typeof ids !== 'string' || typeof letters !== 'string') return undefined;
  const [region = '', invocationId = ''] = target.split('|');
  return {
    position,
    region,
    invocationId,
    ...(ids === '' ? {} : { instanceIds: ids.split(' ') }),
    letters,
    round: Number(round ?? 0) || 0,
    cancelledAgain: marksOf(again ?? '', letters.length),
    ...(Number(acceptedAt) > 0 ? { acceptedAt: Number(acceptedAt) } : {}),
    ...(typeof cloudRequestId === 'string' ? { cloudRequestId } : {}),
  };
}

/** 0.1.0 marked a job as a whole. */
function marksOf(again: string, length: number): string {
  return (again === '1' ? '1'.repeat(length) : again).padEnd(length, '.');
}

/** Whether some of the job's instances still need a call, or the news of one. */
export function isUnfinished(job: Pick<LedgerJob, 'letters'>): boolean {
  return job.letters.includes('w') || job.letters.includes('s');
}
