import { type Job, Queue, Worker } from 'bullmq';
import type { RequestStatusReader } from '../../shared/ledger/index.js';
import type { WebhookLedger } from '../../shared/ledger/webhook-ledger.js';
import type { Logger } from '../../shared/logger.js';
import type { RedisClient } from '../../shared/redis-connection.js';
import { type WebhookJobData, webhookJobDataSchema, webhookQueueName } from '../../shared/webhook.js';
import { AddressRefusedError } from './allowed-address.js';
import { postNotification } from './post-notification.js';

export interface WebhookWorkerOptions {
  readonly client: RedisClient;
  readonly prefix: string;
  readonly webhooks: WebhookLedger;
  readonly statuses: RequestStatusReader;
  readonly secret: string | undefined;
  readonly allowPrivate: boolean;
  readonly logger: Logger;
  readonly patience: WebhookPatience;
  /** How long BullMQ believes a silent worker alive, and how often it looks for the jobs of dead ones, in ms. */
  readonly lockMs: number;
  readonly stalledEveryMs: number;
  readonly onError: (error: Error) => void;
}

/** When to give up on a receiver. */
export interface WebhookPatience {
  readonly attempts: number;
  /** The pause after the first attempt, in ms; it doubles each time. */
  readonly firstDelayMs: number;
  /** For one attempt, from the look-up of its name to the status of its answer, in ms. */
  readonly timeoutMs: number;
}

export const defaultWebhookPatience: WebhookPatience = {
  attempts: 10,
  firstDelayMs: 2_000,
  timeoutMs: 5_000,
};

const concurrency = 5;

/**
 * Tells receivers that their request is finished. A request that asked for it is written down in the same step in
 * which it is settled, so a crash delays the notification and never drops it; it may arrive more than once.
 */
export class WebhookWorker {
  readonly #queue: Queue<WebhookJobData>;
  readonly #worker: Worker<WebhookJobData>;

  constructor(private readonly options: WebhookWorkerOptions) {
    const { client, prefix, lockMs, stalledEveryMs, onError } = options;
    this.#queue = new Queue(webhookQueueName, {
      connection: client,
      prefix,
      skipVersionCheck: true,
      skipMetasUpdate: true,
    });
    this.#worker = new Worker(webhookQueueName, (job) => this.#deliver(job), {
      connection: client,
      prefix,
      autorun: false,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: stalledEveryMs,
      maxStalledCount: 10,
      skipVersionCheck: true,
    });
    this.#queue.on('error', onError);
    this.#worker.on('error', onError);
  }

  start(): void {
    if (!this.#worker.isRunning()) void this.#worker.run();
  }

  async close(): Promise<void> {
    await this.#worker.close(true);
    await this.#queue.close();
  }

  /** Brings what the ledger has written down into the queue. Safe to repeat. */
  async queueSettled(): Promise<void> {
    const { webhooks, patience } = this.options;
    const { attempts, firstDelayMs } = patience;
    for (const { requestId, settledAt } of await webhooks.settled()) {
      await this.#queue.add(
        'webhook',
        { requestId },
        {
          jobId: `${requestId}.${settledAt}`,
          attempts,
          backoff: { type: 'exponential', delay: firstDelayMs, jitter: 0.5 },
          removeOnComplete: true,
          removeOnFail: { age: 7 * 24 * 60 * 60 },
        },
      );
      await webhooks.markQueued(requestId, settledAt);
    }
  }

  async #deliver(job: Job<WebhookJobData>): Promise<void> {
    const { webhooks, statuses, secret, allowPrivate, logger, patience } = this.options;
    const { requestId } = webhookJobDataSchema.parse(job.data);
    const [url, status] = await Promise.all([webhooks.urlOf(requestId), statuses.read(requestId)]);
    if (url === undefined || status === undefined) return; // forgotten meanwhile
    const attempt = job.attemptsMade + 1;
    try {
      const timestamp = Math.floor(Date.now() / 1_000);
      const body = JSON.stringify({ event: 'cancel-request.finished', request: status });
      await postNotification({ url, body, secret, allowPrivate, timeoutMs: patience.timeoutMs, timestamp });
      await webhooks.note(requestId, { state: 'delivered', attempts: attempt });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // Such an address stays refused until the settings change; asking its name again and again helps nobody.
      const isHopeless = error instanceof AddressRefusedError;
      const isLast = isHopeless || attempt >= patience.attempts;
      await webhooks.note(requestId, {
        state: isLast ? 'failed' : 'waiting',
        attempts: attempt,
        error: message,
      });
      logger.warn({ requestId, attempt, reason: message }, 'the notification was not delivered');
      if (!isHopeless) throw error;
    }
  }
}
