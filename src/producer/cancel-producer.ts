import { BlockedStateStore } from '../shared/blocked-state.js';
import { type Clock, systemClock } from '../shared/clock.js';
import { EnqueueError } from '../shared/errors.js';
import {
  type Acceptance,
  InstanceReader,
  type InstanceRecord,
  type InstanceState,
  JobReader,
  Ledger,
  type PlannedRequest,
  PoolLedger,
  type RequestState,
  type RequestStatus,
  RequestStatusReader,
  takeOverLedger,
} from '../shared/ledger/index.js';
import type { PauseNote } from '../shared/pause-state.js';
import { PoolQueuer } from '../shared/pool-queuer.js';
import { QueueGlance } from '../shared/queue-glance.js';
import { createRedisClient, type RedisClient } from '../shared/redis-connection.js';
import { defaultPrefix } from '../shared/redis-keys.js';
import { checkRedis } from '../shared/redis-preflight.js';
import type { CancelRequest } from '../shared/schemas.js';
import { loadTracing, type Tracing } from '../shared/tracing/tracing.js';
import { WorkerRoster } from '../shared/worker-roster.js';
import { planRequestInTurns } from './plan-request.js';
import { QueueOnDemand } from './queue-on-demand.js';
import { repeatAdvice, toEnqueueError, unavailable } from './redis-errors.js';
import { type ProgressSources, type RequestProgress, readProgress } from './request-progress.js';
import { unlessAborted } from './unless-aborted.js';

/** Sending all parts of a large request at once keeps every argument of every command in memory, which doubles its size. */
const partsAtATime = 100;

export interface CancelProducerOptions {
  /** Default `redis://127.0.0.1:6379`. */
  readonly redisUrl?: string;
  /** Start of every key; the same as the workers'. Default `{tat-cancel}`. */
  readonly queuePrefix?: string;
  /** For targets and requests that name no region. */
  readonly defaultRegion?: string;
  /** Longest time that a method waits for Redis, in ms; default 5000. */
  readonly timeoutMs?: number;
  /** More instances than this in one request are refused; default 100,000. */
  readonly maxInstancesPerRequest?: number;
  /** Whether requests are traced, with the OpenTelemetry SDK of this process; default false, which loads nothing of it. */
  readonly tracing?: boolean;
}

/** What became of a request that was handed in. */
export interface EnqueuedRequest {
  readonly requestId: string;
  readonly instances: number;
  readonly jobs: number;
  /** True when the same idempotency key and content was accepted before: this is that request. */
  readonly duplicate: boolean;
  /** Where the request stands: `waiting` unless it is a duplicate. */
  readonly state: RequestState;
}

export interface EnqueueOptions {
  /**
   * Whose the idempotency key is, for programs that enqueue for several callers: the same key of another owner is another
   * key. Left out, keys belong to the installation.
   */
  readonly keyOwner?: string | undefined;
}

/**
 * Hands cancel requests in and tells how they get on. One is enough for a process; it keeps one connection.
 *
 * Every method rejects with an `EnqueueError` whose `code` is stable; none waits longer than `timeoutMs` for Redis.
 */
export class CancelProducer {
  readonly #ledger: Ledger;
  readonly #sources: ProgressSources;
  readonly #instances: InstanceReader;
  readonly #queue: QueueOnDemand;
  readonly #pools: PoolLedger;
  readonly #queuer: PoolQueuer;
  #closed = false;

  private constructor(
    private readonly client: RedisClient,
    private readonly options: Required<Pick<CancelProducerOptions, 'redisUrl' | 'timeoutMs'>> &
      CancelProducerOptions,
    private readonly clock: Clock,
    private readonly tracing: Tracing | undefined,
  ) {
    const prefix = options.queuePrefix ?? defaultPrefix;
    this.#ledger = new Ledger(client, prefix);
    this.#queue = new QueueOnDemand(client, prefix, tracing);
    this.#pools = new PoolLedger(client, prefix);
    this.#queuer = new PoolQueuer(this.#pools, {
      add: async (...jobs) => await (await this.#queue.get()).add(...jobs),
    });
    this.#instances = new InstanceReader(client, prefix);
    this.#sources = {
      statuses: new RequestStatusReader(client, prefix),
      jobs: new JobReader(client, prefix),
      pools: this.#pools,
      queue: new QueueGlance(client, prefix),
      held: new BlockedStateStore(client, prefix),
      roster: new WorkerRoster(client, prefix),
    };
  }

  /**
   * Connects and checks that this Redis may be trusted with requests.
   * @throws {EnqueueError} `REDIS_UNAVAILABLE` when it does not answer in time
   * @throws {RedisUnfitError} when it is too old or may evict keys
   */
  static async connect(options: CancelProducerOptions = {}): Promise<CancelProducer> {
    const redisUrl = options.redisUrl ?? 'redis://127.0.0.1:6379';
    const timeoutMs = options.timeoutMs ?? 5_000;
    const tracing = await loadTracing(options.tracing === true);
    const client = createRedisClient({
      url: redisUrl,
      patience: 'bounded',
      commandTimeoutMs: timeoutMs,
      autoPipelining: true,
      connectionName: 'tat-cancel-producer',
    });
    let lastError: Error | undefined;
    client.on('error', (error: Error) => {
      lastError = error;
    });
    try {
      await within(
        timeoutMs,
        client
          .connect()
          .then(() => checkRedis(client))
          .then(() => takeOverLedger(client, options.queuePrefix)),
        () => unavailable(redisUrl, lastError?.message),
      );
    } catch (error) {
      client.disconnect();
      throw error instanceof Error && error.name === 'RedisUnfitError'
        ? error
        : toEnqueueError(lastError ?? error, redisUrl);
    }
    return new CancelProducer(client, { ...options, redisUrl, timeoutMs }, systemClock, tracing);
  }

  /**
   * Accepts a request: once this resolves, its targets will be carried out or end as dead letters, whatever crashes.
   * All or nothing. With an idempotency key it may be repeated after any error.
   * @throws {EnqueueError} `INVALID_REQUEST` (with its problems), `IDEMPOTENCY_CONFLICT`, `REQUEST_WITHDRAWN`,
   *   `REDIS_UNAVAILABLE`, `REDIS_REFUSED`
   */
  async enqueue(request: CancelRequest, options: EnqueueOptions = {}): Promise<EnqueuedRequest> {
    if (this.tracing === undefined) return await this.#enqueue(request, options);
    return await this.tracing.within({ name: 'enqueue cancel request' }, async (span) => {
      const enqueued = await this.#enqueue(request, options);
      const { requestId, instances, jobs, duplicate } = enqueued;
      span.setAttributes({
        'tat_cancel.request_id': requestId,
        'tat_cancel.instances': instances,
        'tat_cancel.jobs': jobs,
        'tat_cancel.duplicate': duplicate,
      });
      return enqueued;
    });
  }

  async #enqueue(request: CancelRequest, { keyOwner }: EnqueueOptions): Promise<EnqueuedRequest> {
    const planned = await planRequestInTurns(request, {
      keyOwner,
      ...(this.options.defaultRegion === undefined ? {} : { defaultRegion: this.options.defaultRegion }),
      ...(this.options.maxInstancesPerRequest === undefined
        ? {}
        : { maxInstances: this.options.maxInstancesPerRequest }),
    });
    const deadline = this.clock.now() + this.options.timeoutMs;
    const trace = this.tracing?.currentMetadata();
    const traced = trace === undefined ? planned : { ...planned, facts: { ...planned.facts, trace } };
    const acceptance = await this.#ask(() => this.#ledger.accept(traced), repeatAdvice);
    if (acceptance.kind === 'conflict') {
      throw new EnqueueError(
        'IDEMPOTENCY_CONFLICT',
        `The idempotency key ${planned.facts.idempotencyKey} was used before, for a request with other content (${planned.requestId}). Use a new key for new content.`,
      );
    }
    const state = acceptance.kind === 'duplicate' ? await this.#stateOfDuplicate(planned) : 'waiting';
    await this.#queueWork(planned, acceptance, deadline);
    return {
      requestId: planned.requestId,
      instances: planned.jobs.reduce((sum, job) => sum + (job.instanceIds?.length ?? 1), 0),
      jobs: planned.jobs.length,
      duplicate: acceptance.kind === 'duplicate',
      state,
    };
  }

  /** Whoever repeats a request that was taken back must not believe that its commands are being stopped. */
  async #stateOfDuplicate({ requestId, facts }: PlannedRequest): Promise<RequestState> {
    const status = await this.#ask(() => this.#sources.statuses.read(requestId));
    if (status?.withdrawnAt === undefined) return status?.state ?? 'waiting';
    throw new EnqueueError(
      'REQUEST_WITHDRAWN',
      `The request with the idempotency key ${facts.idempotencyKey} (${requestId}) was withdrawn at ${status.withdrawnAt}; nothing more of it is done. Use a new key to have it done after all.`,
    );
  }

  /** How a request gets on, in instances. Undefined when no request with this id is known. */
  async status(requestId: string): Promise<RequestProgress | undefined> {
    return await this.#ask(() => readProgress(requestId, this.#sources));
  }

  /**
   * Requests from the newest on, those of one label if one is given. `nextCursor` leads on to the next page and is
   * left out on the last one.
   */
  async requests(
    page: { cursor?: number; limit?: number; label?: string } = {},
  ): Promise<{ requests: RequestStatus[]; nextCursor?: number }> {
    const { label, limit = 50, ...rest } = page;
    return await this.#ask(() =>
      this.#sources.statuses.list(
        { ...rest, limit },
        (status) => label === undefined || status.label === label,
      ),
    );
  }

  /** What became of each instance of a request, optionally only those in some states; see `InstanceReader.list`. */
  async instances(
    requestId: string,
    page: { cursor?: number; limit?: number; states?: readonly InstanceState[] } = {},
  ): Promise<{ instances: InstanceRecord[]; nextCursor?: number }> {
    const { states, limit = 1_000, ...rest } = page;
    return await this.#ask(() =>
      this.#instances.list(requestId, { ...rest, limit }, states === undefined ? undefined : new Set(states)),
    );
  }

  /** What became of an instance in the latest requests that asked for it, the newest first. */
  async findInstance(instanceId: string): Promise<InstanceRecord[]> {
    return await this.#ask(() => this.#instances.find(instanceId));
  }

  /**
   * Takes a request back: what no call carries yet is withdrawn at once, what is under way finishes. Resolves with how
   * it stands then. Doing it twice, or after the end, changes nothing.
   * @throws {EnqueueError} `REQUEST_NOT_FOUND`
   */
  async withdraw(requestId: string): Promise<RequestProgress> {
    await this.#ask(() => this.#ledger.withdraw(requestId));
    const status = await this.status(requestId);
    if (status === undefined) throw notFound(requestId);
    return status;
  }

  /** No further calls are made, whoever asks, until `resume`. What is asked for meanwhile waits. The note is for people. */
  async pause(note?: PauseNote): Promise<void> {
    await this.#ask(async () => (await this.#queue.get()).pause(note));
  }

  async resume(): Promise<void> {
    await this.#ask(async () => (await this.#queue.get()).resume());
  }

  /**
   * Resolves when every instance of the request has its outcome. Asks the ledger once or twice a second, and goes on
   * asking while Redis is away; only `signal` ends it early, with its reason.
   * @throws {EnqueueError} `REQUEST_NOT_FOUND`
   */
  async waitUntilFinished(
    requestId: string,
    options: { signal?: AbortSignal } = {},
  ): Promise<RequestProgress> {
    for (;;) {
      options.signal?.throwIfAborted();
      try {
        const status = await unlessAborted(this.status(requestId), options.signal);
        if (status === undefined) throw notFound(requestId);
        if (status.state === 'finished' || status.state === 'withdrawn') return status;
      } catch (error) {
        if (!(error instanceof EnqueueError) || error.code !== 'REDIS_UNAVAILABLE') throw error;
      }
      await this.clock.sleep(500, options.signal);
    }
  }

  /** Ends the connection. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue.close();
    this.client.disconnect();
  }

  /**
   * The request is accepted already and nothing can undo that: what can't be queued now, a worker's maintenance queues.
   * So a failure here is no failure of the request.
   */
  async #queueWork(planned: PlannedRequest, acceptance: Acceptance, deadline: number): Promise<void> {
    const { poolJobs, partsToJoin } = acceptance;
    if (poolJobs.length === 0 && !partsToJoin) return;
    const left = Math.max(0, deadline - this.clock.now());
    const work = partsToJoin ? this.#joinParts(planned, acceptance) : this.#queuer.add(poolJobs);
    await within(left, work, () => unavailable(this.options.redisUrl)).catch(() => {});
  }

  async #joinParts(planned: PlannedRequest, { kind, sequence }: Acceptance): Promise<void> {
    const { requestId } = planned;
    // A repeated request may list its content in another order: what the ledger holds is what counts.
    const isRepeat = kind === 'duplicate';
    for (let from = 0; from < planned.jobs.length; from += partsAtATime) {
      const to = Math.min(from + partsAtATime, planned.jobs.length);
      const parts = isRepeat
        ? await this.#sources.jobs.jobs(requestId, from, to)
        : planned.jobs.slice(from, to).map((job, index) => ({ ...job, position: from + index }));
      await Promise.all([
        this.#pools.joinParts(requestId, from, to),
        ...parts.map((part) => this.#ledger.indexInstances(sequence, part.position, part.instanceIds ?? [])),
      ]);
      await this.#queuer.addUnqueued();
    }
    await this.#ledger.markJoined(requestId);
  }

  async #ask<Answer>(question: () => Promise<Answer>, advice = ''): Promise<Answer> {
    if (this.#closed) throw new EnqueueError('CLOSED', 'This producer was closed: connect a new one.');
    const { redisUrl, timeoutMs } = this.options;
    try {
      return await within(timeoutMs, question(), () => unavailable(redisUrl, undefined, undefined, advice));
    } catch (error) {
      throw toEnqueueError(error, redisUrl, advice);
    }
  }
}

function notFound(requestId: string): EnqueueError {
  const message = `No request ${requestId} is known. Finished ones are kept for a time only.`;
  return new EnqueueError('REQUEST_NOT_FOUND', message);
}

/** Settles as `work` does, or rejects after `timeoutMs`. */
async function within<Value>(timeoutMs: number, work: Promise<Value>, late: () => Error): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), timeoutMs);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {}); // reported through the race, or too late to matter
  }
}
