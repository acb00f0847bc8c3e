import type { CancelQueue } from '../shared/cancel-queue.js';
import type { RedisClient } from '../shared/redis-connection.js';
import type { Tracing } from '../shared/tracing/tracing.js';

/** The cancel queue, with BullMQ loaded when something is first put in: who only asks is spared half of the start. */
export class QueueOnDemand {
  #queue: Promise<CancelQueue> | undefined;

  constructor(
    private readonly client: RedisClient,
    private readonly prefix: string,
    private readonly tracing: Tracing | undefined,
  ) {}

  async get(): Promise<CancelQueue> {
    this.#queue ??= this.#open();
    return await this.#queue;
  }

  async close(): Promise<void> {
    await this.#queue?.then(
      (queue) => queue.close(),
      () => {}, // it was never opened
    );
  }

  async #open(): Promise<CancelQueue> {
    const { CancelQueue } = await import('../shared/cancel-queue.js');
    const queue = new CancelQueue(this.client, this.prefix, this.tracing);
    queue.queue.on('error', () => {}); // each method tells its caller; there is nobody else to tell
    return queue;
  }
}
