import { type Job, Queue, Worker } from 'bullmq';
import type { RequestStatusReader } from '../../shared/ledger/index.js';
import type { WebhookLedger } from '../../shared/ledger/webhook-ledger.js';
import type { Logger } from '../../shared/logger.js';
import type { RedisClient } from '../../shared/redis-connection.js';
import { type WebhookJobData, webhookJobDataSchema, webhookQueueName } from '../../shared/webhook.js';
import { finishJob } from '../dispatch/finish-job.js';
import { NotificationError, postNotification } from './post-notification.js';
import { type Delivery, ReceiverPlaces } from './receiver-places.js';

export interface WebhookWorkerOptions {
  readonly client: RedisClient;
  readonly prefix: string;
  readonly webhooks: WebhookLedger;
  readonly statuses: RequestStatusReader;
  /** Each signs: the newest first, and the one before while receivers change over. */
  readonly secrets: readonly string[];
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
  /** A notification that waits for its receiver's circuit breaker is given up after this time, in ms; default an hour. */
  readonly giveUpAfterMs?: number;
}

export const defaultWebhookPatience: WebhookPatience = {
  attempts: 10,
  firstDelayMs: 2_000,
  timeoutMs: 5_000,
};

const defaultGiveUpAfterMs = 60 * 60_000;

/** More than there are places: jobs whose receiver has none go back at once and do not hold one up. */
const concurrency = 40;

/**
 * Tells receivers that their request is finished. A request that asked for it is written down in the same step in
 * which it is settled, so a crash delays the notification and never drops it; it may arrive more than once.
 */
export class WebhookWorker {
  readonly #queue: Queue<WebhookJobData>;
  readonly #worker: Worker<WebhookJobData>;
  readonly #places = new ReceiverPlaces();

  constructor(private readonly options: WebhookWorkerOptions) {
    const { client, prefix, lockMs, stalledEveryMs, onError } = options;
    this.#queue = new Queue(webhookQueueName, {
      connection: client,
      prefix,
      skipVersionCheck: true,
      skipMetasUpdate: true,
    });
    this.#worker = new Worker(webhookQueueName, (job, token) => this.#deliver(job, token), {
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

  async #deliver(job: Job<WebhookJobData>, token: string | undefined): Promise<void> {
    const { webhooks, patience } = this.options;
    const { requestId } = webhookJobDataSchema.parse(job.data);
    const receiver = await webhooks.receiverOf(requestId);
    if (receiver === undefined) return; // forgotten meanwhile
    const delivery = deliveryTo(receiver);
    const place = this.#places.enter(delivery);
    if (place.kind === 'later') {
      const isOld = Date.now() - job.timestamp > (patience.giveUpAfterMs ?? defaultGiveUpAfterMs);
      if (isOld) await this.#giveUp(job, 'The receiver has not answered for too long.');
      else await finishJob(job, token, { kind: 'delay', delayMs: place.delayMs });
      return;
    }
    let hasAnswered = true;
    try {
      hasAnswered = await this.#post(job, receiver.url);
    } catch (error) {
      hasAnswered = !(error instanceof NotificationError); // else it is Redis that fails
      throw error;
    } finally {
      this.#places.leave(delivery, hasAnswered);
    }
  }

  /**
   * Returns whether the receiver took it. False: it is given up.
   * @throws {NotificationError} for BullMQ to try again
   */
  async #post(job: Job<WebhookJobData>, url: string): Promise<boolean> {
    const { webhooks, statuses, secrets, allowPrivate, logger, patience } = this.options;
    const { requestId } = job.data;
    const status = await statuses.read(requestId);
    if (status === undefined) return true; // forgotten meanwhile
    const attempt = job.attemptsMade + 1;
    // The same for every attempt, and for a repetition after a crash: receivers can tell what they have had.
    const deliveryId = job.id ?? requestId;
    const body = JSON.stringify({ event: 'cancel-request.finished', deliveryId, request: status });
    const timestamp = Math.floor(Date.now() / 1_000);
    const { timeoutMs } = patience;
    try {
      await postNotification({ url, body, deliveryId, secrets, allowPrivate, timeoutMs, timestamp });
    } catch (error) {
      if (!(error instanceof NotificationError)) throw error;
      const { message, detail, isHopeless } = error;
      logger.warn({ requestId, deliveryId, attempt, reason: detail }, 'the notification was not delivered');
      if (isHopeless || attempt >= patience.attempts) await this.#giveUp(job, message);
      else await webhooks.note(requestId, { state: 'waiting', attempts: attempt, error: message });
      if (isHopeless) return false;
      throw error;
    }
    await webhooks.note(requestId, { state: 'delivered', attempts: attempt });
    return true;
  }

  async #giveUp(job: Job<WebhookJobData>, error: string): Promise<void> {
    const attempts = job.attemptsMade + 1;
    await this.options.webhooks.note(job.data.requestId, { state: 'failed', attempts, error });
  }
}

/** What stands behind the name of a token (`service for carl`) is the caller's own choice, and gives nobody more places. */
function deliveryTo({ url, requestedBy }: { url: string; requestedBy: string }): Delivery {
  const [caller = ''] = requestedBy.split(' ');
  return { host: URL.canParse(url) ? new URL(url).host : url, caller };
}
