import { type BlockedState, BlockedStateStore } from './blocked-state.js';
import { CallHistory } from './call-history.js';
import { CancelQueue } from './cancel-queue.js';
import { type LiveLimit, readLiveLimit } from './live-limit.js';
import type { PauseState } from './pause-state.js';
import { cancelQueueName, deadLetterQueueName } from './queue-names.js';
import type { RedisClient } from './redis-connection.js';
import { type RedisKeys, redisKeys } from './redis-keys.js';
import type { Priority } from './schemas.js';
import { webhookQueueName } from './webhook.js';
import { type WorkerReport, WorkerRoster } from './worker-roster.js';

/** Jobs of one BullMQ queue, by state. */
export interface QueueDepth {
  readonly name: string;
  readonly waiting: number;
  readonly prioritized: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
  /** Finished ones are kept for a short time only. */
  readonly completed: number;
}

export interface OldestWaiting {
  readonly requestId: string;
  /** ISO 8601. */
  readonly acceptedAt: string;
  readonly ageSeconds: number;
}

/** How the whole installation stands: what every view of it shows. */
export interface QueueOverview {
  /** ISO 8601, by the clock of Redis. */
  readonly at: string;
  /** The configured limit, the highest that a living worker reports; null when none is alive. */
  readonly callsPerSecondLimit: number | null;
  /** Calls a second that the shared call limiter allows now; null when no worker is alive. */
  readonly pace: number | null;
  /** Mean of the last ten whole seconds. */
  readonly callsPerSecond: number;
  /** Mean of the last ten whole seconds, in instances that the cloud accepted. */
  readonly instancesPerSecond: number;
  /** Calls that the cloud refused for their rate. */
  readonly refusals: { readonly lastMinute: number };
  /** What is not accepted by the cloud yet; a job counts until its last instance is. */
  readonly waiting: Readonly<Record<Priority, { readonly jobs: number; readonly instances: number }>>;
  readonly unsettledRequests: number;
  /** Among requests with instances that wait. */
  readonly oldestWaiting: OldestWaiting | null;
  /** Why no calls are made at all. */
  readonly held: BlockedState | null;
  /** Why some calls are not made, while all others go on; the oldest cause first. */
  readonly blocked: readonly BlockedState[];
  /** True when paused and nobody left a note. */
  readonly paused: PauseState | boolean;
  /** What somebody has set at run time for all workers; null when nobody has. */
  readonly liveLimit: LiveLimit | null;
  readonly workers: readonly WorkerReport[];
  readonly deadLetters: number;
  readonly queues: readonly QueueDepth[];
}

const rateSeconds = 10;
const refusalSeconds = 60;
const priorities: readonly Priority[] = ['urgent', 'normal', 'low'];

/**
 * Reads the overview from counters that are kept up to date as things happen: a few dozen commands sent at once,
 * however much waits.
 */
export class OverviewReader {
  readonly #client: RedisClient;
  readonly #prefix: string;
  readonly #keys: RedisKeys;
  readonly #queue: CancelQueue;
  readonly #blocked: BlockedStateStore;
  readonly #roster: WorkerRoster;
  readonly #history: CallHistory;

  /** The client stays the caller's. */
  constructor({ client, prefix }: { readonly client: RedisClient; readonly prefix: string }) {
    this.#client = client;
    this.#prefix = prefix;
    this.#keys = redisKeys(prefix);
    this.#queue = new CancelQueue(client, prefix);
    this.#queue.queue.on('error', () => {}); // whoever reads hears of it
    this.#blocked = new BlockedStateStore(client, prefix);
    this.#roster = new WorkerRoster(client, prefix);
    this.#history = new CallHistory(client, prefix);
  }

  /** Rejects as the client does when Redis is away. */
  async read(): Promise<QueueOverview> {
    const names = [cancelQueueName, deadLetterQueueName, webhookQueueName];
    const [
      now,
      seconds,
      waiting,
      unsettledRequests,
      oldest,
      blocks,
      paused,
      liveLimit,
      workers,
      deadLetters,
      ...queues
    ] = await Promise.all([
      this.#now(),
      this.#history.read(refusalSeconds),
      this.#waiting(),
      this.#client.zcard(this.#keys.open),
      this.#client.zrange(this.#keys.waiting, '0', '0', 'WITHSCORES'),
      this.#blocked.readAll(),
      this.#queue.pauseState(),
      readLiveLimit(this.#client, this.#keys),
      this.#roster.alive(),
      this.#client.hlen(this.#keys.deadLetters),
      ...names.map((name) => this.#depth(name)),
    ]);
    const recent = seconds.slice(-rateSeconds);
    return {
      at: new Date(now).toISOString(),
      ...rates(workers),
      callsPerSecond: mean(recent.map(({ calls }) => calls)),
      instancesPerSecond: mean(recent.map(({ instances }) => instances)),
      refusals: { lastMinute: seconds.reduce((sum, { refusals }) => sum + refusals, 0) },
      waiting,
      unsettledRequests,
      oldestWaiting: oldestOf(oldest, now),
      held: blocks.held ?? null,
      blocked: [...blocks.partial.values()].sort((a, b) => a.since - b.since),
      paused,
      liveLimit: liveLimit ?? null,
      workers: workers.sort((a, b) => a.name.localeCompare(b.name)),
      deadLetters,
      queues,
    };
  }

  async #now(): Promise<number> {
    const [seconds = 0, microseconds = 0] = await this.#client.time();
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  }

  async #waiting(): Promise<QueueOverview['waiting']> {
    const fields = priorities.flatMap((_priority, rank) => [`jobs:${rank}`, `instances:${rank}`]);
    const values = await this.#client.hmget(this.#keys.totals, ...fields);
    const at = (rank: number) => ({
      jobs: Number(values[rank * 2] ?? 0) || 0, // what is no number was put there by hand
      instances: Number(values[rank * 2 + 1] ?? 0) || 0,
    });
    return { urgent: at(0), normal: at(1), low: at(2) };
  }

  async #depth(name: string): Promise<QueueDepth> {
    const key = (state: string) => `${this.#prefix}:${name}:${state}`;
    const [waiting, active, prioritized, delayed, failed, completed] = await Promise.all([
      this.#client.llen(key('wait')),
      this.#client.llen(key('active')),
      this.#client.zcard(key('prioritized')),
      this.#client.zcard(key('delayed')),
      this.#client.zcard(key('failed')),
      this.#client.zcard(key('completed')),
    ]);
    return { name, waiting, prioritized, active, delayed, failed, completed };
  }
}

/** The pace is shared, but each worker learns of it at its own calls: the latest report is the best informed. */
function rates(workers: readonly WorkerReport[]): Pick<QueueOverview, 'callsPerSecondLimit' | 'pace'> {
  if (workers.length === 0) return { callsPerSecondLimit: null, pace: null };
  const latest = workers.reduce((a, b) => (b.at > a.at ? b : a));
  const limits = workers.map((worker) => worker.callsPerSecondLimit ?? worker.callsPerSecond);
  return { callsPerSecondLimit: Math.max(...limits), pace: latest.callsPerSecond };
}

function oldestOf([requestId, score]: readonly string[], now: number): OldestWaiting | null {
  if (requestId === undefined) return null;
  const acceptedAt = Number(score);
  return {
    requestId,
    acceptedAt: new Date(acceptedAt).toISOString(),
    ageSeconds: Math.max(0, Math.round((now - acceptedAt) / 1_000)),
  };
}

function mean(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.length === 0 ? 0 : Math.round((sum / values.length) * 10) / 10;
}
