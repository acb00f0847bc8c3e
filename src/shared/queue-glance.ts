import { cancelQueueName } from './queue-names.js';
import type { RedisClient } from './redis-connection.js';

/**
 * The little that tells how a request gets on, read from the cancel queue without BullMQ, which takes longer to load than
 * the answer takes. It knows BullMQ's key layout of version 6.
 */
export class QueueGlance {
  readonly #queue: string;

  constructor(
    private readonly client: RedisClient,
    prefix: string,
  ) {
    this.#queue = `${prefix}:${cancelQueueName}`;
  }

  async isPaused(): Promise<boolean> {
    return (await this.client.hexists(`${this.#queue}:meta`, 'paused')) === 1;
  }

  /** Jobs that will be taken before this one; undefined when it does not wait in the queue. */
  async jobsAhead(jobId: string): Promise<number | undefined> {
    return (await this.client.zrank(`${this.#queue}:prioritized`, jobId)) ?? undefined;
  }

  /** How many jobs the workers hold. */
  async activeJobs(): Promise<number> {
    return await this.client.llen(`${this.#queue}:active`);
  }
}
