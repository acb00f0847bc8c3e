import { Queue } from 'bullmq';
import { CancelProducer } from '../producer/index.js';
import { toEnqueueError, unavailable } from '../producer/redis-errors.js';
import { BlockedStateStore } from '../shared/blocked-state.js';
import { CallHistory } from '../shared/call-history.js';
import { CancelQueue } from '../shared/cancel-queue.js';
import { DeadLetterProjection, DeadLetters } from '../shared/dead-letters/index.js';
import { PoolLedger } from '../shared/ledger/index.js';
import { RequestSearch } from '../shared/ledger/request-search.js';
import { LiveLimitStore } from '../shared/live-limit.js';
import type { Logger } from '../shared/logger.js';
import { PoolQueuer } from '../shared/pool-queuer.js';
import { OverviewReader } from '../shared/queue-overview.js';
import { createRedisClient, type RedisClient } from '../shared/redis-connection.js';
import { redisKeys } from '../shared/redis-keys.js';
import type { Tracing } from '../shared/tracing/tracing.js';
import { webhookQueueName } from '../shared/webhook.js';

export interface BackendOptions {
  readonly redisUrl: string;
  readonly queuePrefix: string;
  /** For targets and requests that name no region. */
  readonly region?: string;
  readonly logger: Logger;
  readonly tracing?: Tracing | undefined;
  /** Longest wait for one answer of Redis, in ms; default 3000. */
  readonly patienceMs?: number;
}

/** Everything behind the routes that lives in Redis. Connects when it is first asked, and again after a loss. */
export class Backend {
  readonly client: RedisClient;
  readonly queue: CancelQueue;
  readonly webhookQueue: Queue;
  readonly deadLetters: DeadLetters;
  readonly projection: DeadLetterProjection;
  readonly search: RequestSearch;
  readonly overview: OverviewReader;
  readonly history: CallHistory;
  readonly blocked: BlockedStateStore;
  readonly #patienceMs: number;
  #producer: Promise<CancelProducer> | undefined;
  #closed: Promise<void> | undefined;

  constructor(private readonly options: BackendOptions) {
    const { redisUrl: url, queuePrefix: prefix, logger } = options;
    this.#patienceMs = options.patienceMs ?? 3_000;
    this.client = createRedisClient({
      url,
      patience: 'bounded',
      commandTimeoutMs: this.#patienceMs,
      autoPipelining: true,
      connectionName: 'tat-cancel-server',
    });
    tellOfLosses(this.client, logger);
    this.queue = new CancelQueue(this.client, prefix, options.tracing);
    this.projection = new DeadLetterProjection(this.client, prefix);
    this.webhookQueue = new Queue(webhookQueueName, {
      connection: this.client,
      prefix,
      skipVersionCheck: true,
      skipMetasUpdate: true,
    });
    for (const queue of [this.queue.queue, this.projection.queue, this.webhookQueue]) {
      queue.on('error', () => {}); // each question tells whoever asked
    }
    const queuer = new PoolQueuer(new PoolLedger(this.client, prefix), this.queue);
    this.deadLetters = new DeadLetters(this.client, prefix, queuer);
    this.search = new RequestSearch(this.client, prefix);
    this.overview = new OverviewReader({ client: this.client, prefix });
    this.history = new CallHistory(this.client, prefix);
    this.blocked = new BlockedStateStore(this.client, prefix);
  }

  get prefix(): string {
    return this.options.queuePrefix;
  }

  /** `ownSetting`: calls a second, for when no worker tells what it is set to. */
  liveLimit(ownSetting: number): LiveLimitStore {
    return new LiveLimitStore(this.client, this.prefix, ownSetting);
  }

  /**
   * The producer, connected.
   * @throws {EnqueueError} `REDIS_UNAVAILABLE`
   * @throws {RedisUnfitError}
   */
  async producer(): Promise<CancelProducer> {
    const { redisUrl, queuePrefix, region, tracing } = this.options;
    this.#producer ??= CancelProducer.connect({
      redisUrl,
      queuePrefix,
      timeoutMs: this.#patienceMs,
      tracing: tracing !== undefined,
      ...(region === undefined ? {} : { defaultRegion: region }),
    });
    try {
      return await this.#producer;
    } catch (error) {
      this.#producer = undefined; // the next request tries anew
      throw error;
    }
  }

  /**
   * Asks Redis something and waits no longer than the patience, whatever the question is made of.
   * @throws {EnqueueError} `REDIS_UNAVAILABLE` or `REDIS_REFUSED`
   */
  async ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(unavailable(this.options.redisUrl)), this.#patienceMs);
    });
    try {
      return await Promise.race([this.#translated(question), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The random key that the servers of this installation share. */
  async readOrCreate(fresh: string): Promise<string> {
    const key = redisKeys(this.prefix).sessionKey;
    return await this.ask(async () => {
      await this.client.set(key, fresh, 'NX');
      return (await this.client.get(key)) ?? fresh;
    });
  }

  /** For work of many steps, each of which is bounded. Errors as with `ask`. */
  async work<Answer>(steps: () => Promise<Answer>): Promise<Answer> {
    return await this.#translated(steps);
  }

  /** What Redis or its client throws, as an `EnqueueError`; any other error as it is. */
  translate(error: unknown): unknown {
    return isRedisError(error) ? toEnqueueError(error, this.options.redisUrl) : error;
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #translated<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    try {
      return await question();
    } catch (error) {
      throw this.translate(error);
    }
  }

  async #close(): Promise<void> {
    const producer = await this.#producer?.catch(() => undefined); // it never connected
    await producer?.close();
    this.client.disconnect();
    await Promise.allSettled([this.queue.close(), this.projection.close(), this.webhookQueue.close()]);
  }
}

/** What the Redis client and Redis itself throw; anything else is a fault of this program, and to be told as one. */
function isRedisError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return (
    ['ReplyError', 'MaxRetriesPerRequestError', 'AbortError', 'ClusterAllFailedError'].includes(error.name) ||
    ['Connection is closed.', 'Command timed out'].includes(error.message) ||
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH'].includes(code ?? '')
  );
}

function tellOfLosses(client: RedisClient, logger: Logger): void {
  let isLost = false;
  client.on('error', (error: Error) => {
    if (!isLost) logger.warn({ err: error }, 'Redis cannot be reached');
    isLost = true;
  });
  client.on('ready', () => {
    if (isLost) logger.info('Redis is back');
    isLost = false;
  });
}
