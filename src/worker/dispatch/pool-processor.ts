import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from 'bullmq';
import { bullPriority } from '../../shared/cancel-queue.js';
import { isDamagedData } from '../../shared/damaged-data.js';
import { parseJobId } from '../../shared/job-ref.js';
import type { Flight, PoolLedger } from '../../shared/ledger/index.js';
import type { Logger } from '../../shared/logger.js';
import { type Pool, parsePoolJobId } from '../../shared/pool-job.js';
import type { PoolQueuer } from '../../shared/pool-queuer.js';
import type { Permit } from '../../shared/rate-limiter/index.js';
import { idsPerCall } from '../../shared/schemas.js';
import type { CallRunner } from '../call-runner.js';
import type { CircuitBreaker } from '../circuit-breaker.js';
import type { Cover, CoverReader } from './cover-reader.js';
import { finishJob, type JobOutcome } from './finish-job.js';
import type { PermitQueue } from './permit-queue.js';
import type { Places } from './places.js';

/** What calls to one access point share. */
export interface AccessPoint {
  readonly name: string;
  readonly permits: PermitQueue;
  readonly runner: Pick<CallRunner, 'run'>;
}

export interface PoolProcessorOptions {
  readonly pools: PoolLedger;
  readonly queuer: PoolQueuer;
  readonly accessPointOf: (region: string) => AccessPoint;
  /** Shares out the places of this worker; left out where all regions have one access point, which may have them all. */
  readonly places?: Places | undefined;
  readonly breaker: Pick<CircuitBreaker, 'allowsCalls' | 'whenAllowed' | 'blockedForMs' | 'goesLast'>;
  /** Without it, lists are never replaced by calls for whole invocations. */
  readonly covers?: Pick<CoverReader, 'read' | 'deny'> | undefined;
  /** Longest wait of a call for the members of its invocation, in ms. */
  readonly coverMs: number;
  readonly logger: Logger;
  /** How long the ledger waits for news of a call. */
  readonly leaseMs: number;
}

/** What is needed of a job; one whose hash is gone has nothing but its id. */
type PoolBullJob = Pick<Job, 'id' | 'moveToDelayed'> & { readonly opts?: { readonly priority?: number } };

type PoolRef = Pool & { readonly generation: number };

/** Until somebody has mended what was changed by hand. */
const damagedMs = 9_000;
const mostRemembered = 10_000;

/**
 * What BullMQ calls for each job. A job says that an invocation has work, and is carried out in rounds: wait for a
 * permit, claim what waits by then, send it, and so on until nothing is ready. Calls are not waited for in between.
 */
export class PoolProcessor {
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  /** Told of already: they come again every few seconds. */
  readonly #damaged = new Set<string>();

  constructor(private readonly options: PoolProcessorOptions) {
    setMaxListeners(0, this.#stopping.signal); // one for each job that waits for a permit
  }

  /** Jobs that this worker holds. */
  get size(): number {
    return this.#running.size;
  }

  readonly process = async (job: PoolBullJob, token?: string): Promise<string> => {
    const work = this.#carryOut(String(job.id), rankOfPriority(job.opts?.priority));
    this.#running.add(work);
    try {
      return await finishJob(job, token, await work);
    } finally {
      this.#running.delete(work);
    }
  };

  /** Sends no further call, hands jobs back, and resolves when the calls in flight have their answers. */
  async drain(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#running);
  }

  async #carryOut(jobId: string, rank: number): Promise<JobOutcome> {
    const { pools, queuer, logger } = this.options;
    const pool = parsePoolJobId(jobId);
    if (pool !== undefined) return await this.#emptyInPlace(jobId, pool, rank);
    const part = parseJobId(jobId);
    if (part === undefined) {
      logger.error({ jobId }, 'job is none of ours');
      return { kind: 'unusable', reason: 'Its id names no invocation: it was not put here by tat-cancel.' };
    }
    // Version 0.1.0 had a job for each part of a request.
    await pools.joinParts(part.requestId, part.position, part.position + 1);
    await queuer.addUnqueued();
    return { kind: 'done' };
  }

  async #emptyInPlace(jobId: string, pool: PoolRef, rank: number): Promise<JobOutcome> {
    const { places, accessPointOf, pools } = this.options;
    if (places === undefined) return await this.#empty(jobId, pool);
    const { name } = accessPointOf(pool.region);
    const awayMs = places.take(name, rank);
    if (awayMs > 0) {
      await pools.defer(pool, pool.generation, awayMs);
      return { kind: 'delay', delayMs: awayMs };
    }
    try {
      return await this.#empty(jobId, pool);
    } finally {
      places.leave(name, rank);
    }
  }

  async #empty(jobId: string, pool: PoolRef): Promise<JobOutcome> {
    const calls = new Set<Promise<void>>();
    try {
      return await this.#goRound(pool, calls);
    } catch (error) {
      if (this.#stopping.signal.aborted) return { kind: 'delay', delayMs: 0 };
      if (!isDamagedData(error)) throw error;
      if (this.#damaged.size > mostRemembered) this.#damaged.clear();
      if (!this.#damaged.has(jobId)) {
        this.options.logger.error({ err: error, jobId }, 'ledger damaged where it holds this invocation');
      }
      this.#damaged.add(jobId);
      return { kind: 'delay', delayMs: damagedMs };
    } finally {
      await Promise.all(calls);
    }
  }

  async #goRound(pool: PoolRef, calls: Set<Promise<void>>): Promise<JobOutcome> {
    const { breaker } = this.options;
    for (;;) {
      // Nobody could use its place meanwhile, and moving thousands of jobs to and fro would cost a core.
      await breaker.whenAllowed(this.#stopping.signal);
      this.#stopping.signal.throwIfAborted();
      const look = await this.options.pools.look(pool, pool.generation, idsPerCall + 1);
      if (look.kind === 'later') return { kind: 'delay', delayMs: look.delayMs };
      if (look.kind !== 'ready') return { kind: 'done' };
      for (let ready = look.ready; ready > 0 && breaker.allowsCalls; ) {
        const delayMs = breaker.blockedForMs(pool);
        if (delayMs > 0) return { kind: 'delay', delayMs };
        ready = await this.#sendOne(pool, { rank: look.rank, ready }, calls);
      }
      // What they bring back may be ready by then, or later.
      await Promise.all(calls);
    }
  }

  /** Resolves with how many instances a further call could carry. */
  async #sendOne(
    pool: Pool,
    { rank, ready }: { rank: number; ready: number },
    calls: Set<Promise<void>>,
  ): Promise<number> {
    const { accessPointOf, pools, leaseMs, breaker } = this.options;
    const point = accessPointOf(pool.region);
    const { permits } = point;
    const reading = this.#readCover(pool, ready, permits.isIdle);
    const permit = await permits.acquire({
      rank,
      goesLast: () => breaker.goesLast(pool),
      signal: this.#stopping.signal,
      isFull: ready >= idsPerCall,
    });
    let flight: Flight | undefined;
    try {
      const cover = await reading;
      if (!breaker.allowsCalls || breaker.blockedForMs(pool) > 0) return 1;
      const claim = await pools.claim({ callId: randomUUID(), pool, mostIds: idsPerCall, leaseMs, cover });
      flight = claim.flight;
      return claim.ready;
    } finally {
      if (flight === undefined) permits.giveBack(permit);
      else this.#launch(flight, permit, point, calls);
    }
  }

  /** Only where it can save a call. The first one of an idle system does not wait for it, and no other one waits long. */
  async #readCover(pool: Pool, ready: number, isIdle: boolean): Promise<Cover | undefined> {
    const { covers, coverMs } = this.options;
    if (covers === undefined || ready <= idsPerCall) return undefined;
    const reading = covers.read(pool);
    const patience = new AbortController();
    const late = sleep(isIdle ? 0 : coverMs, undefined, { signal: patience.signal }).catch(() => undefined);
    const cover = await Promise.race([reading, late]);
    patience.abort();
    return cover;
  }

  #launch(flight: Flight, permit: Permit, point: AccessPoint, calls: Set<Promise<void>>): void {
    const { permits, runner } = point;
    const call = runner
      .run(flight, permit, () => this.options.covers?.deny(flight))
      .catch((error: unknown) => {
        // Its claim runs out, and what it carried waits again.
        this.options.logger.error({ err: error, callId: flight.callId }, 'failed to record a call');
      })
      .finally(() => {
        calls.delete(call);
        permits.noteAnswered();
      });
    calls.add(call);
  }
}

/** 0 for urgent, as in the ledger; 1 where nobody knows. */
function rankOfPriority(priority: number | undefined): number {
  return priority === undefined ? 1 : Math.min(2, Math.max(0, priority - bullPriority.urgent));
}
