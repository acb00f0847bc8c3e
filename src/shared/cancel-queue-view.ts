import { cancelQueueName } from './queue-names.js';
import type { RedisClient } from './redis-connection.js';

/** BullMQ scores a delayed job by its moment in ms times this, plus a number that keeps jobs of one moment in order. */
const delayedScoreStep = 0x1000;

/** A job that BullMQ gave up on. */
export interface FailedJob {
  readonly jobId: string;
  readonly failedReason: string;
  /** As Redis holds it; perhaps no JSON. */
  readonly data: string;
}

/**
 * Looks at the cancel queue in Redis without BullMQ's classes, which stumble over damaged jobs. It only reads, and
 * knows BullMQ's key layout of version 6.
 */
export class CancelQueueView {
  readonly #queue: string;

  constructor(
    private readonly client: RedisClient,
    prefix: string,
  ) {
    this.#queue = `${prefix}:${cancelQueueName}`;
  }

  async failedJobs(most: number): Promise<FailedJob[]> {
    const ids = await this.client.zrange(`${this.#queue}:failed`, '0', String(most - 1));
    return await Promise.all(
      ids.map(async (jobId) => {
        const [failedReason, data] = await this.client.hmget(
          `${this.#queue}:${jobId}`,
          'failedReason',
          'data',
        );
        return { jobId, failedReason: failedReason ?? '', data: data ?? '' };
      }),
    );
  }

  /**
   * Jobs that lost a worker before and hold something, besides their data, that BullMQ parses before it asks anybody:
   * where that is no JSON it takes the job up again and again, for ever.
   */
  async unreadableJobs(): Promise<string[]> {
    const active = await this.client.lrange(`${this.#queue}:active`, 0, -1);
    const checked = await Promise.all(
      active.map(async (jobId) => {
        const key = `${this.#queue}:${jobId}`;
        const [stalls, ...texts] = await this.client.hmget(key, 'stc', 'opts', 'progress', 'parent');
        return Number(stalls ?? 0) > 0 && !texts.every((text) => !text || isJson(text)) ? [jobId] : [];
      }),
    );
    return checked.flat();
  }

  /** Jobs that wait for a moment later than the given one (ms since the epoch), those with the longest wait first. */
  async delayedBeyond(moment: number, most: number): Promise<string[]> {
    const score = moment * delayedScoreStep;
    return await this.client.zrevrangebyscore(`${this.#queue}:delayed`, '+inf', score, 'LIMIT', 0, most);
  }

  /** Which of these jobs are in none of the places from which BullMQ would take them up again. */
  async findMissing(jobIds: readonly string[]): Promise<string[]> {
    if (jobIds.length === 0) return [];
    const [prioritized, delayed, active, waiting, failed] = await Promise.all([
      this.client.zmscore(`${this.#queue}:prioritized`, ...jobIds),
      this.client.zmscore(`${this.#queue}:delayed`, ...jobIds),
      this.client.lrange(`${this.#queue}:active`, 0, -1),
      this.client.lrange(`${this.#queue}:wait`, 0, -1),
      this.client.zmscore(`${this.#queue}:failed`, ...jobIds),
    ]);
    const listed = new Set([...active, ...waiting]);
    return jobIds.filter(
      (jobId, index) =>
        prioritized[index] === null &&
        delayed[index] === null &&
        failed[index] === null &&
        !listed.has(jobId),
    );
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
