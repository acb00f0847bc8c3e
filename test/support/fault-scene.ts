import type { Redis } from 'ioredis';
import { CancelProducer, type EnqueuedRequest } from '../../src/producer/index.js';
import { DeadLetterStore } from '../../src/shared/dead-letters/index.js';
import { RequestStatusReader } from '../../src/shared/ledger/index.js';
import { createRedisClient } from '../../src/shared/redis-connection.js';
import type { CancelRequest } from '../../src/shared/schemas.js';
import {
  createSimulator,
  type InvocationSpec,
  type Simulator,
  type SimulatorOptions,
} from '../../src/simulator/index.js';
import { EventLoopLag } from './event-loop-lag.js';
import { FaultProxy } from './fault-proxy.js';
import { reportFault } from './fault-report.js';
import {
  FaultWorker,
  type FaultWorkerChanges,
  type FaultWorkerProcessOptions,
  type WorkerDeath,
  type WorkerLogLine,
} from './fault-worker.js';
import { limitOr } from './full-length.js';
import {
  type AskedRequest,
  checkInvariants,
  type Disruption,
  type FailedCall,
  type Finding,
  leftovers,
} from './invariants.js';
import { PrivateRedis, type PrivateRedisOptions } from './private-redis.js';
import { waitUntil } from './wait-until.js';

/** A worker's death is noticed within seconds, and its calls are given to others a little sooner. */
export const fastTimings = {
  lockMs: 2_500,
  stalledEveryMs: 300,
  reconcileEveryMs: 200,
  leaseMarginMs: 200,
  readBackLeaseMs: 3_000,
};

export interface FaultSceneOptions {
  /** How many worker processes; default 2. */
  readonly workers?: number;
  readonly worker?: FaultWorkerChanges;
  readonly simulator?: SimulatorOptions;
  readonly redis?: PrivateRedisOptions;
  /** Default 40, or 20 at full length. */
  readonly callsPerSecond?: number;
  /** In place of a single server: a group of them, or a user with few rights. The scene stops it. */
  readonly store?: Store;
}

/** Where a scene keeps its data. */
export interface Store {
  readonly url: string;
  stop(): Promise<void>;
}

export interface StartedWorker extends FaultWorkerProcessOptions {
  /** Another way to Redis. */
  readonly redisUrl?: string;
  readonly dieAt?: WorkerDeath;
}

export interface Work extends Omit<InvocationSpec, 'invocationId'> {
  /** How many invocations; default 40. */
  readonly invocations?: number;
  /** Ask for whole invocations and not for their instances by name. */
  readonly isWhole?: boolean;
  readonly request?: Partial<CancelRequest>;
}

/** What is expected besides the invariants. */
export interface Expectation {
  /** For the table of faults. */
  readonly fault: string;
  /** How long everything may take from now on, in ms; default 100 s. */
  readonly withinMs?: number;
}

/** A Redis, the simulated cloud and worker processes of one test's own, and what happened to them. */
export class FaultScene {
  readonly prefix = '{faults}';
  readonly workers: FaultWorker[] = [];
  readonly proxies: FaultProxy[] = [];
  readonly asked: AskedRequest[] = [];
  readonly disruptions: Disruption[] = [];
  readonly callsPerSecond: number;
  readonly #changes: FaultWorkerChanges;
  readonly #lag = new EventLoopLag();
  #closed: Promise<void> | undefined;

  private constructor(
    private readonly store: Store,
    readonly simulator: Simulator,
    readonly producer: CancelProducer,
    readonly redis: Redis,
    readonly deadLetters: DeadLetterStore,
    options: FaultSceneOptions,
  ) {
    this.callsPerSecond = options.callsPerSecond ?? limitOr(40);
    this.#changes = {
      callTimeoutMs: 2_000,
      callsPerSecond: this.callsPerSecond,
      ...options.worker,
      timings: { ...fastTimings, ...options.worker?.timings },
    };
  }

  static async start(options: FaultSceneOptions = {}): Promise<FaultScene> {
    const store = options.store ?? (await PrivateRedis.start(options.redis));
    const simulator = createSimulator({ callsPerSecond: 0, ...options.simulator });
    await simulator.start();
    const prefix = '{faults}';
    const defaultRegion = 'ap-singapore';
    const producer = await CancelProducer.connect({
      redisUrl: store.url,
      queuePrefix: prefix,
      defaultRegion,
    });
    // Everything that the checks ask for is the same for a cluster.
    const redis = createRedisClient({ url: store.url, patience: 'patient' }) as Redis;
    const deadLetters = new DeadLetterStore(redis, prefix);
    redis.on('error', () => {}); // Redis goes away here
    const scene = new FaultScene(store, simulator, producer, redis, deadLetters, options);
    const count = options.workers ?? 2;
    await Promise.all(Array.from({ length: count }, () => scene.startWorker()));
    return scene;
  }

  /** The one server of this scene. */
  get server(): PrivateRedis {
    if (!(this.store instanceof PrivateRedis)) throw new Error('this scene has no server of its own');
    return this.store;
  }

  async startWorker(changes: FaultWorkerChanges = {}, options: StartedWorker = {}): Promise<FaultWorker> {
    const { redisUrl = this.store.url, dieAt, ...processOptions } = options;
    const worker = await FaultWorker.start(
      {
        redisUrl,
        prefix: this.prefix,
        simulatorUrl: this.simulator.url,
        ...(dieAt === undefined ? {} : { dieAt }),
        changes: { ...this.#changes, ...changes, timings: { ...this.#changes.timings, ...changes.timings } },
      },
      processOptions,
    );
    this.workers.push(worker);
    return worker;
  }

  /** A worker with a network of its own between it and Redis. */
  async startWorkerBehindProxy(changes: FaultWorkerChanges = {}, options: StartedWorker = {}) {
    const proxy = await this.startProxy();
    const worker = await this.startWorker(changes, { ...options, redisUrl: proxy.url });
    return { worker, proxy };
  }

  async startProxy(): Promise<FaultProxy> {
    const proxy = await FaultProxy.start(this.server.port);
    this.proxies.push(proxy);
    return proxy;
  }

  /** Adds invocations to the cloud and hands in one request for all of them. */
  async ask(work: Work = {}): Promise<EnqueuedRequest> {
    return await this.enqueue(this.plan(work));
  }

  /** Adds invocations to the cloud, and tells the request for them. */
  plan({ invocations = 40, isWhole = false, request = {}, ...spec }: Work = {}): CancelRequest {
    const known = this.simulator.addInvocations(invocations, { instances: 5, ...spec });
    const targets = known.map(({ region, invocationId, instanceIds }) =>
      isWhole ? { region, invocationId } : { region, invocationId, instanceIds: [...instanceIds] },
    );
    return { targets, ...request };
  }

  async enqueue(request: CancelRequest): Promise<EnqueuedRequest> {
    const atMs = performance.now();
    const enqueued = await this.producer.enqueue(request).catch((error: unknown) => {
      // It may have been taken or not: its calls are in order, and nothing is promised.
      this.asked.push({ requestId: 'unanswered', request, atMs, isLost: true });
      throw error;
    });
    this.noteAsked(enqueued.requestId, request, atMs);
    return enqueued;
  }

  /** For what was asked for by other ways. */
  noteAsked(requestId: string, request: CancelRequest, atMs = performance.now()): void {
    if (this.asked.some((known) => known.requestId === requestId)) return;
    this.asked.push({ requestId, request, atMs });
  }

  /** Notes that Redis has lost all that was asked for up to now. */
  noteLoss(): void {
    for (const asked of this.asked) asked.isLost = true;
  }

  /** Notes that from now on, or while `during` runs, the news of calls may get lost. */
  async disrupt<Result>(what: string, during?: () => Promise<Result> | Result): Promise<Result | undefined> {
    const disruption = { what, fromMs: performance.now(), toMs: Number.POSITIVE_INFINITY };
    this.disruptions.push(disruption);
    const result = await during?.();
    disruption.toMs = performance.now();
    return result;
  }

  async kill(worker: FaultWorker | undefined): Promise<void> {
    if (worker === undefined) throw new Error('there is no such worker');
    await this.disrupt(`kill ${worker.pid}`, () => worker.kill());
  }

  /** Resolves when so many more cancel calls have arrived. */
  async calls(count: number, withinMs = 40_000): Promise<void> {
    const { record } = this.simulator;
    const signal = AbortSignal.timeout(withinMs);
    await record.waitForCalls(record.count('CancelInvocation') + count, 'CancelInvocation', signal);
  }

  /** Resolves when every request has come to its end, and nothing is left to do anywhere. */
  async settled(withinMs = 100_000): Promise<void> {
    const statuses = new RequestStatusReader(this.redis, this.prefix);
    for (const { requestId } of this.asked.filter(({ isLost }) => !isLost)) {
      await waitUntil(
        `request ${requestId} is finished`,
        async () => {
          const state = (await statuses.read(requestId))?.state;
          return state === 'finished' || state === 'withdrawn';
        },
        withinMs,
      ).catch(async (error: unknown) => {
        const [status, left] = [await statuses.read(requestId), await leftovers(this.redis, this.prefix)];
        throw new Error(
          `${error instanceof Error ? error.message : error}: ${JSON.stringify({ status, left })}`,
        );
      });
    }
    let left: string[] = [];
    await waitUntil('nothing is left', async () => {
      left = await leftovers(this.redis, this.prefix);
      return left.length === 0;
    }).catch((error: unknown) => {
      throw new Error(`${error instanceof Error ? error.message : error}: ${left.join(', ')}`);
    });
  }

  /**
   * Waits until all is settled, checks the invariants and what the workers logged, and adds a line to the report.
   * Rejects with everything that is not as it should be.
   */
  async verify({ fault, withinMs }: Expectation): Promise<Finding> {
    await this.settled(withinMs);
    const finding = await checkInvariants({
      ...this,
      lag: this.#lag,
      failedCalls: this.workers.flatMap(failedCallsIn),
      callTimeoutMs: this.#changes.callTimeoutMs ?? 2_000,
    });
    const violations = [...finding.violations, ...this.workers.flatMap(logFaults)];
    reportFault({ fault, finding: { ...finding, violations } });
    if (violations.length > 0) {
      const shown = violations.slice(0, 20).join('\n');
      throw new Error(`${violations.length} violations:\n${shown}\n${JSON.stringify(finding.outcomes)}`);
    }
    return finding;
  }

  /** Begins a new chapter: what was verified is not looked at again. */
  forget(): void {
    const past = this.asked.filter(({ requestId }) => requestId !== 'unanswered');
    // Their dead letters are still there, and count for nobody.
    const outlines = past.map((asked) => ({ ...asked, request: { targets: [] }, isLost: true }));
    this.asked.splice(0, this.asked.length, ...outlines);
    this.disruptions.length = 0;
    this.simulator.record.clear();
    this.#lag.forget();
    for (const worker of this.workers) worker.lines.length = 0;
    const running = this.workers.filter(({ isRunning }) => isRunning);
    this.workers.splice(0, this.workers.length, ...running);
  }

  /** Ends everything. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed ??= (async () => {
      await Promise.all(this.workers.map((worker) => worker.kill()));
      await this.producer.close();
      this.redis.disconnect();
      await Promise.all(this.proxies.map((proxy) => proxy.stop()));
      await this.store.stop();
      await this.simulator.close();
      this.#lag.stop();
    })();
    await this.#closed;
  }
}

function failedCallsIn(worker: FaultWorker): FailedCall[] {
  return worker.saying('call failed').map(({ invocationId, atMs }) => ({
    invocationId: String(invocationId),
    atMs,
  }));
}

const mostLinesPerSecond = 10;

/** Errors that nobody caught, and warnings that flood the log. */
function logFaults(worker: FaultWorker): string[] {
  const faults: string[] = [];
  const perSecond = new Map<string, WorkerLogLine[]>();
  for (const line of worker.log) {
    const { level, msg, time = 0, stack } = line;
    if (msg === 'unhandledRejection' || msg === 'uncaughtException') faults.push(`${msg}: ${stack}`);
    if (level < 40) continue;
    const key = `${Math.floor(time / 1_000)} ${msg}`;
    perSecond.set(key, [...(perSecond.get(key) ?? []), line]);
  }
  for (const lines of perSecond.values()) {
    if (lines.length <= mostLinesPerSecond) continue;
    faults.push(
      `${lines.length} lines in one second, the last: ${JSON.stringify(lines.at(-1)).slice(0, 500)}`,
    );
  }
  return faults;
}
