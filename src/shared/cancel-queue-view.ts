import { z } from 'zod';
import { isDamagedData } from './damaged-data.js';
import { parseJson } from './parse-json.js';
import { cancelQueueName } from './queue-names.js';
import type { RedisClient } from './redis-connection.js';

/** BullMQ scores a delayed job by its moment in ms times this, plus a number that keeps jobs of one moment in order. */
const delayedScoreStep = 0x1000;

/** What BullMQ reads of a job by itself. */
const readByBullMq = ['stc', 'opts', 'progress', 'parent', 'ats', 'atm', 'parentKey', 'rjk'] as const;

const optionsSchema = z.looseObject({
  attempts: z.number().optional(),
  delay: z.number().optional(),
  priority: z.number().optional(),
  backoff: z.looseObject({ type: z.string() }).optional(),
  removeOnComplete: z.union([z.boolean(), z.number(), z.object({ count: z.number() })]).optional(),
  removeOnFail: z.boolean().optional(),
  stackTraceLimit: z.number().optional(),
  parent: z.undefined().optional(),
  repeat: z.undefined().optional(),
  tm: z.string().optional(),
});

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
   * Jobs that lost a worker before and hold something, besides their data, that BullMQ stumbles over before it asks
   * anybody or when it is told the end: it takes them up again and again, for ever. One whose count of such losses is no
   * number keeps BullMQ from noticing the others, too.
   */
  async unreadableJobs(): Promise<string[]> {
    const active = await this.client.lrange(`${this.#queue}:active`, 0, -1);
    const checked = await Promise.all(active.map((jobId) => this.#isUnreadable(jobId)));
    return active.filter((_jobId, index) => checked[index]);
  }

  async #isUnreadable(jobId: string): Promise<boolean> {
    const key = `${this.#queue}:${jobId}`;
    try {
      const [losses, opts, progress, parent, ...others] = await this.client.hmget(key, ...readByBullMq);
      if (!isCount(losses)) return true;
      if (Number(losses ?? 0) === 0) return false;
      const [started, failed, parentKey, repeatKey] = others;
      const isOurs = [parent, parentKey, repeatKey].every((text) => !text); // no job of ours has one
      return !(isOurs && isCount(started) && isCount(failed) && hasUsableOptions(opts) && isJson(progress));
    } catch (error) {
      if (isDamagedData(error)) return true; // no hash at all
      throw error;
    }
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

function isJson(text: string | null | undefined): boolean {
  return !text || parseJson(text) !== undefined;
}

function isCount(text: string | null | undefined): boolean {
  return text === null || text === undefined || /^-?\d{1,15}$/.test(text);
}

/** Jobs without any are taken with BullMQ's own. */
function hasUsableOptions(text: string | null | undefined): boolean {
  return !text || optionsSchema.safeParse(parseJson(text)).success;
}
