import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { formatJobRef, parseJobId } from '../../../src/shared/job-ref.js';
import {
  type Flight,
  InstanceReader,
  JobReader,
  Ledger,
  type LedgerMove,
  type LedgerReport,
  PoolLedger,
  ReadBackLedger,
  RequestStatusReader,
} from '../../../src/shared/ledger/index.js';
import { type PoolJob, poolJobIdOf } from '../../../src/shared/pool-job.js';
import { redisKeys } from '../../../src/shared/redis-keys.js';
import { MixOperator } from '../mix/mix-operator.js';

export const region = 'ap-singapore';

/** The ledger in Redis with what stands around it: a queue that can lose its jobs, and workers that can be forgotten. */
export class RealLedger {
  readonly ledger: Ledger;
  readonly pools: PoolLedger;
  readonly readBacks: ReadBackLedger;
  readonly jobs: JobReader;
  readonly statuses: RequestStatusReader;
  readonly instances: InstanceReader;
  readonly operator: MixOperator;
  /** What is in the queue, by job id. */
  readonly queue = new Map<string, PoolJob>();
  /** Calls whose workers may still tell of them. */
  readonly flights: Flight[] = [];
  requests = 0;
  readonly #told = new WeakMap<Flight, Set<string>>();

  constructor(
    readonly redis: Redis,
    readonly prefix: string,
  ) {
    this.ledger = new Ledger(redis, prefix);
    this.pools = new PoolLedger(redis, prefix);
    this.readBacks = new ReadBackLedger(redis, prefix);
    this.jobs = new JobReader(redis, prefix);
    this.statuses = new RequestStatusReader(redis, prefix);
    this.instances = new InstanceReader(redis, prefix);
    this.operator = new MixOperator(redis, prefix);
  }

  get keys() {
    return redisKeys(this.prefix);
  }

  /** Brings into the queue what the ledger has asked for. A process that dies in between has not noted it. */
  async queueJobs(isNoted = true): Promise<void> {
    const jobs = await this.pools.unqueued(1_000);
    for (const job of jobs) this.queue.set(poolJobIdOf(job), job);
    if (isNoted) await this.pools.markQueued(jobs);
  }

  /** As the job of a pool does: looks what there is, and takes what a call can carry. Undefined when there is nothing. */
  async claim(job: PoolJob): Promise<Flight | undefined> {
    const look = await this.pools.look(job, job.generation, 100);
    if (look.kind === 'empty' || look.kind === 'superseded') this.queue.delete(poolJobIdOf(job));
    if (look.kind !== 'ready') return undefined;
    const claim = { callId: randomUUID(), pool: job, mostIds: 100, leaseMs: 60_000 };
    const { flight } = await this.pools.claim(claim);
    if (flight === undefined) return undefined;
    this.flights.push(flight);
    // The reply was lost on the way, and the client asks again.
    const repeated = await this.pools.claim(claim);
    if (JSON.stringify(flight.jobs) !== JSON.stringify(repeated.flight?.jobs)) {
      throw new Error('the same claim takes something else the second time');
    }
    return flight;
  }

  async report(flight: Flight, moves: readonly LedgerMove[], landed: boolean): Promise<boolean> {
    const report: LedgerReport = {
      callId: flight.callId,
      landed,
      leaseMs: 60_000,
      calls: 1,
      sentAt: Date.now(),
      moves,
    };
    return (await this.ledger.settle(report)).claimWasOpen;
  }

  /** True the first time that a call tells of this. */
  tells(flight: Flight, what: string): boolean {
    const told = this.#told.get(flight) ?? new Set();
    this.#told.set(flight, told);
    return !told.has(what) && told.add(what).has(what);
  }

  /** The time of a claim is over. */
  async expire(flight: Flight): Promise<void> {
    await this.redis.zadd(this.keys.flightDeadlines, 'XX', 0, flight.callId);
  }

  async isOpen(flight: Flight): Promise<boolean> {
    return (await this.redis.hexists(this.keys.flights, flight.callId)) === 1;
  }

  /** Every look at the cloud is due now. */
  async makeLooksDue(): Promise<void> {
    const targets = await this.redis.zrange(this.keys.readBackDue, '0', '-1');
    for (const target of targets) await this.redis.zadd(this.keys.readBackDue, 0, target);
  }

  async partOf(ref: string) {
    const { requestId = '', position = 0 } = parseJobId(ref) ?? {};
    const [job] = await this.jobs.jobs(requestId, position, position + 1);
    if (job === undefined) throw new Error(`there is no ${ref}`);
    return { requestId, job, ref: formatJobRef({ requestId, position }) };
  }
}
