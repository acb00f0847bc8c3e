import type { TatClient } from '../cloud/tat-client.js';
import { BlockedStateStore } from '../shared/blocked-state.js';
import { CallHistory } from '../shared/call-history.js';
import { CancelQueue } from '../shared/cancel-queue.js';
import { CancelQueueView } from '../shared/cancel-queue-view.js';
import { DeadLetterProjection } from '../shared/dead-letters/index.js';
import {
  JobReader,
  Ledger,
  PoolLedger,
  ReadBackLedger,
  RequestStatusReader,
  Retention,
  WebhookLedger,
} from '../shared/ledger/index.js';
import { PoolQueuer } from '../shared/pool-queuer.js';
import { cancelQueueName } from '../shared/queue-names.js';
import { createRedisClient, type RedisClient } from '../shared/redis-connection.js';
import { redisKeys } from '../shared/redis-keys.js';
import { type WorkerReport, WorkerRoster } from '../shared/worker-roster.js';
import { CallRecorder } from './call-recorder.js';
import type { CancelWorkerOptions } from './cancel-worker-options.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { CloudLimiters } from './cloud-limiters.js';
import { createCloudProbe } from './cloud-probe.js';
import { AccessPoints } from './dispatch/access-points.js';
import { CoverReader } from './dispatch/cover-reader.js';
import { backOff } from './dispatch/finish-job.js';
import { Places } from './dispatch/places.js';
import { PoolProcessor } from './dispatch/pool-processor.js';
import { endsWithin } from './ends-within.js';
import { Heartbeat } from './heartbeat.js';
import { ObservedLedger } from './metrics/observed-ledger.js';
import { ObservedLimiters } from './metrics/observed-limiters.js';
import { QuietErrors } from './quiet-errors.js';
import { ReadBack } from './read-back.js';
import { Reconciler } from './reconciler.js';
import { StoreWatch } from './store-watch.js';
import { TolerantWorker } from './tolerant-worker.js';
import { CallTracer } from './tracing/call-tracer.js';
import { WebhookWorker } from './webhook/webhook-worker.js';
import { defaultTimings, type WorkerTimings } from './worker-timings.js';

export type { CancelWorkerOptions } from './cancel-worker-options.js';

/** Time for writing down what became of calls that were given up, while Redis may be away. */
const givenUpMs = 1_000;
const disconnectMs = 2_000;

/** The ledger counts what is lost with workers; BullMQ only has to be more patient. */
const bullStalls = 1_000;

/** Takes cancel jobs from the queue and carries them out. Does no I/O before `start`. */
export class CancelWorker {
  readonly #redis: RedisClient;
  /** For BullMQ. It defines its scripts on the connection it gets, and each pipeline of the ledger's would copy them. */
  readonly #queueRedis: RedisClient;
  readonly #client: TatClient;
  readonly #callTracer: CallTracer | undefined;
  readonly #worker: TolerantWorker;
  readonly #accessPoints: AccessPoints;
  readonly #pools: PoolLedger;
  readonly #queuer: PoolQueuer;
  readonly #processor: PoolProcessor;
  readonly #limiters: CloudLimiters;
  readonly #breaker: CircuitBreaker;
  readonly #roster: WorkerRoster;
  readonly #heartbeat: Heartbeat;
  readonly #webhooks: WebhookWorker;
  readonly #reconciler: Reconciler;
  readonly #readBack: ReadBack;
  readonly #ledger: Ledger;
  readonly #projection: DeadLetterProjection;
  readonly #queue: CancelQueue;
  readonly #timings: WorkerTimings;
  readonly #startedAt = Date.now();
  #closed: Promise<void> | undefined;

  constructor(private readonly options: CancelWorkerOptions) {
    const { redisUrl: url, queuePrefix: prefix, logger, workerName, metrics } = options;
    this.#timings = { ...defaultTimings, ...options.timings };
    const errors = new QuietErrors(logger);
    this.#limiters =
      metrics === undefined ? new CloudLimiters(options) : new ObservedLimiters(options, metrics);
    this.#redis = createRedisClient({
      url,
      patience: 'patient',
      autoPipelining: true,
      connectionName: `${workerName}-ledger`,
    });
    this.#queueRedis = createRedisClient({ url, patience: 'patient', connectionName: `${workerName}-queue` });
    for (const client of [this.#redis, this.#queueRedis]) client.on('error', errors.of('redis'));
    this.#callTracer = createCallTracer(options, this.#redis);
    this.#client = this.#callTracer?.traced(options.client) ?? options.client;
    this.#ledger =
      metrics === undefined
        ? new Ledger(this.#redis, prefix)
        : new ObservedLedger(this.#redis, prefix, metrics);
    this.#projection = new DeadLetterProjection(this.#queueRedis, prefix);
    this.#queue = new CancelQueue(this.#queueRedis, prefix);
    this.#pools = new PoolLedger(this.#redis, prefix);
    this.#queuer = new PoolQueuer(this.#pools, this.#queue);
    this.#projection.queue.on('error', errors.of('dead-letter queue'));
    this.#queue.queue.on('error', errors.of('queue'));
    this.#breaker = this.#createBreaker(prefix);
    this.#webhooks = this.#createWebhooks(errors.of('webhooks'));
    this.#reconciler = this.#createReconciler(prefix);
    this.#roster = new WorkerRoster(this.#redis, prefix);
    this.#heartbeat = this.#createHeartbeat();
    this.#readBack = this.#createReadBack(prefix);
    const leaseMs = options.callTimeoutMs + this.#timings.leaseMarginMs;
    this.#accessPoints = new AccessPoints({
      ...options,
      client: this.#client,
      callTracer: this.#callTracer,
      ledger: this.#ledger,
      limiters: this.#limiters,
      breaker: this.#breaker,
      recorder: new CallRecorder(new CallHistory(this.#redis, prefix), logger),
      leaseMs,
    });
    this.#processor = new PoolProcessor({
      pools: this.#pools,
      queuer: this.#queuer,
      accessPointOf: (region) => this.#accessPoints.of(region),
      places: this.#accessPoints.isOnlyOne
        ? undefined
        : new Places({ most: options.concurrency, callsPerSecond: options.callsPerSecond }),
      breaker: this.#breaker,
      covers: options.wholeInvocationCalls ? this.#createCovers() : undefined,
      coverMs: this.#timings.coverMs,
      logger,
      leaseMs,
    });
    this.#worker = this.#createBullWorker();
    this.#worker.on('error', errors.of('worker'));
  }

  /** Begins to take jobs; waits for Redis as long as it takes. Safe to call twice. */
  start(): void {
    this.#breaker.start();
    this.#reconciler.start();
    this.#readBack.start();
    this.#heartbeat.start();
    this.#webhooks.start();
    this.#accessPoints.connectAhead();
    if (!this.#worker.isRunning()) {
      this.#worker.run().catch((error: unknown) => {
        if (this.#closed === undefined) this.options.logger.error({ err: error }, 'the worker takes no jobs');
      });
    }
  }

  /**
   * Takes no further jobs, hands waiting ones back unspent, lets calls in flight finish for up to `graceMs`, and ends
   * all connections. Safe to call twice.
   */
  async close(graceMs: number): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    await this.#closed;
  }

  async #close(graceMs: number): Promise<void> {
    const { logger, client, workerName } = this.options;
    const finished = this.#finish().catch((error: unknown) => {
      logger.warn({ err: error }, 'the worker did not close in good order');
    });
    if (!(await endsWithin(graceMs, finished))) {
      logger.warn({ graceMs }, 'calls in flight did not land in time and are given up');
      // They come back as aborted; once that is written down they are free for others, without waiting for the lease.
      client.close();
      await endsWithin(givenUpMs, finished);
    }
    client.close();
    const left = this.#roster.leave(workerName).catch(() => {}); // or forgotten after some silence
    await endsWithin(givenUpMs, left);
    // BullMQ can wait for ever for a connection that was still being made.
    if (!(await endsWithin(disconnectMs, this.#disconnect())))
      logger.warn('some connections did not end in time');
  }

  async #disconnect(): Promise<void> {
    this.#redis.disconnect();
    this.#queueRedis.disconnect();
    const ends = await Promise.allSettled([
      this.#worker.close(true),
      this.#breaker.close(),
      this.#reconciler.close(),
      this.#readBack.close(),
      this.#heartbeat.close(),
      this.#webhooks.close(),
      this.#queue.close(),
      this.#projection.close(),
      this.#limiters.close(),
    ]);
    for (const end of ends) {
      if (end.status === 'rejected')
        this.options.logger.warn({ err: end.reason }, 'a connection did not end well');
    }
  }

  async #finish(): Promise<void> {
    await this.#worker.pause(true);
    this.#breaker.drain();
    await this.#processor.drain();
    await this.#worker.close();
  }

  #createBreaker(prefix: string): CircuitBreaker {
    const { accessPointOf, callTimeoutMs, logger, workerName } = this.options;
    return new CircuitBreaker({
      store: new BlockedStateStore(this.#redis, prefix),
      probe: createCloudProbe({
        client: this.#client,
        limiterFor: (region) => this.#limiters.of('DescribeInvocations', region),
        callTimeoutMs,
      }),
      isPaused: () => this.#queue.isPaused(),
      accessPointOf,
      logger,
      workerName,
      timings: this.#timings.breaker,
    });
  }

  #createWebhooks(onError: (error: Error) => void): WebhookWorker {
    const { queuePrefix: prefix, webhookSecret, webhookPreviousSecret } = this.options;
    const { webhookAllowPrivate, logger } = this.options;
    return new WebhookWorker({
      client: this.#queueRedis,
      prefix,
      webhooks: new WebhookLedger(this.#redis, prefix),
      statuses: new RequestStatusReader(this.#redis, prefix),
      secrets: [webhookSecret, webhookPreviousSecret].filter((secret) => secret !== undefined),
      allowPrivate: webhookAllowPrivate,
      logger,
      patience: this.#timings.webhook,
      lockMs: this.#timings.lockMs,
      stalledEveryMs: this.#timings.stalledEveryMs,
      onError,
    });
  }

  #createCovers(): CoverReader {
    return new CoverReader({
      client: this.#client,
      limiterOf: (action, region) => this.#limiters.of(action, region),
      logger: this.options.logger,
    });
  }

  #createHeartbeat(): Heartbeat {
    const { queuePrefix: prefix, logger, metrics } = this.options;
    return new Heartbeat({
      roster: this.#roster,
      describe: () => this.#describe(),
      store: new StoreWatch({ client: this.#redis, key: redisKeys(prefix).store, logger }),
      onLoss: (finding) => metrics?.redisLosses.inc({ what: finding === 'lost' ? 'all' : 'latest' }),
      logger,
    });
  }

  #createReconciler(prefix: string): Reconciler {
    const { logger, workerName, retentionHours } = this.options;
    return new Reconciler({
      client: this.#redis,
      ledger: this.#ledger,
      pools: this.#pools,
      queuer: this.#queuer,
      jobReader: new JobReader(this.#redis, prefix),
      queue: this.#queue,
      view: new CancelQueueView(this.#redis, prefix),
      projection: this.#projection,
      logger,
      workerName,
      webhooks: this.#webhooks,
      retention: new Retention(this.#redis, prefix),
      keepMs: retentionHours * 60 * 60 * 1_000,
      mostLosses: this.#timings.mostLosses,
      everyMs: this.#timings.reconcileEveryMs,
    });
  }

  #createReadBack(prefix: string): ReadBack {
    const { logger, workerName } = this.options;
    return new ReadBack({
      client: this.#client,
      ledger: this.#ledger,
      readBacks: new ReadBackLedger(this.#redis, prefix),
      jobReader: new JobReader(this.#redis, prefix),
      queuer: this.#queuer,
      limiterFor: (region) => this.#limiters.of('DescribeInvocations', region),
      breaker: this.#breaker,
      logger,
      workerName,
      patience: this.#timings.patience,
      leaseMs: this.#timings.readBackLeaseMs,
    });
  }

  #createBullWorker(): TolerantWorker {
    const { queuePrefix, concurrency, workerName, tracing } = this.options;
    return new TolerantWorker(cancelQueueName, this.#processor.process, {
      connection: this.#queueRedis,
      prefix: queuePrefix,
      name: workerName,
      autorun: false,
      concurrency,
      lockDuration: this.#timings.lockMs,
      stalledInterval: this.#timings.stalledEveryMs,
      maxStalledCount: bullStalls,
      settings: { backoffStrategy: backOff },
      skipVersionCheck: true,
      ...(tracing === undefined ? {} : { telemetry: tracing.telemetry }),
    });
  }

  #describe(): WorkerReport {
    const stats = this.#limiters.stats('CancelInvocation');
    const intervalMs = Math.max(...stats.map((each) => each.intervalMs), 1_000 / this.options.callsPerSecond);
    return {
      name: this.options.workerName,
      at: Date.now(),
      startedAt: this.#startedAt,
      callsPerSecond: Math.round(100_000 / intervalMs) / 100,
      callsPerSecondLimit: this.options.callsPerSecond,
      endpoint: this.options.endpoint,
      jobs: this.#processor.size,
      refusals: stats.reduce((sum, each) => sum + each.throttled, 0),
    };
  }
}

function createCallTracer(
  { tracing, queuePrefix }: CancelWorkerOptions,
  client: RedisClient,
): CallTracer | undefined {
  if (tracing === undefined) return undefined;
  const requests = new RequestStatusReader(client, queuePrefix);
  return new CallTracer(tracing, (requestId) => requests.traceOf(requestId));
}
