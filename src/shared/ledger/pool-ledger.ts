import type { Pool, PoolJob } from '../pool-job.js';
import type { RedisClient } from '../redis-connection.js';
import { type RedisKeys, redisKeys } from '../redis-keys.js';
import { LuaScript } from './script.js';
import type { CarriedJob, Flight } from './types.js';

const lookScript = new LuaScript('look-into-pool.lua');
const claimScript = new LuaScript('claim.lua');
const deferScript = new LuaScript('defer-pool.lua');
const joinScript = new LuaScript('join-parts.lua');
const requeueScript = new LuaScript('requeue-pool.lua');

/** One call looks at no more parts than this, so that a script stays well under a millisecond or two. */
const mostPartsPerCall = 400;

/** What the job of a pool has to do. */
export type PoolLook =
  /** `ready`: instances that a call could carry, no more than fill one. */
  | { readonly kind: 'ready'; readonly rank: number; readonly ready: number }
  /** Nothing before `delayMs` are over. */
  | { readonly kind: 'later'; readonly delayMs: number }
  /** Nothing waits any more, or another job has taken this one's place: it is done. */
  | { readonly kind: 'empty' | 'superseded' };

/** What waits for each invocation, and which jobs of the queue stand for it. */
export class PoolLedger {
  readonly #keys: RedisKeys;

  constructor(
    private readonly client: RedisClient,
    prefix?: string,
  ) {
    this.#keys = redisKeys(prefix);
  }

  /** Asked by the job of a pool at its start, and when it has nothing left to send. */
  async look(pool: Pool, generation: number, idsThatFillACall: number): Promise<PoolLook> {
    const [kind, first, ready] = (await lookScript.run(
      this.client,
      [...this.#poolKeys(pool), this.#keys.pools],
      [this.#keys.ledger, targetOf(pool), generation, idsThatFillACall],
    )) as [PoolLook['kind'], number, number];
    if (kind === 'ready') return { kind, rank: first, ready };
    return kind === 'later' ? { kind, delayMs: first } : { kind };
  }

  /** The job of a pool comes back only then, though something is ready. */
  async defer(pool: Pool, generation: number, delayMs: number): Promise<void> {
    await deferScript.run(
      this.client,
      [this.#keys.pools],
      [this.#keys.ledger, targetOf(pool), generation, delayMs],
    );
  }

  /**
   * Takes what one call shall carry: up to `mostIds` different waiting instances of one invocation, or the whole
   * invocation if a part asks for that, or if what waits covers it; no flight when nothing waits. What is taken and not recorded within `leaseMs`
   * waits again. `ready`: instances that a further call could carry.
   */
  async claim(claim: {
    callId: string;
    pool: Pool;
    mostIds: number;
    leaseMs: number;
    /** The members of the invocation, where all of them are known, and those of them whose tasks have not ended. */
    cover?: { readonly members: readonly string[]; readonly unfinished: readonly string[] } | undefined;
  }): Promise<{ flight: Flight | undefined; ready: number }> {
    const { callId, pool, mostIds, leaseMs, cover } = claim;
    const claimedAtMs = performance.now();
    const [whole, ready, ...carried] = (await claimScript.run(
      this.client,
      [this.#keys.pool(pool.region, pool.invocationId), this.#keys.flights, this.#keys.flightDeadlines],
      [
        ...[this.#keys.ledger, callId, leaseMs, mostIds, mostPartsPerCall, targetOf(pool)],
        ...[cover?.unfinished.join(' ') ?? '', cover?.members.join(' ') ?? ''],
      ],
    )) as (string | number)[];
    if (carried.length === 0) return { flight: undefined, ready: Number(ready) };
    const { region, invocationId } = pool;
    const jobs: CarriedJob[] = [];
    for (let at = 0; at < carried.length; at += 4) jobs.push(readCarriedJob(carried.slice(at, at + 4)));
    return {
      flight: { callId, region, invocationId, claimedAtMs, whole: whole === 1, jobs },
      ready: Number(ready),
    };
  }

  /** Puts parts `from` (included) up to `to` (not included) with waiting instances into their pools. Safe to repeat. */
  async joinParts(requestId: string, from: number, to: number): Promise<number> {
    const args = [this.#keys.ledger, requestId, from, to];
    return Number(await joinScript.run(this.client, [this.#keys.request(requestId)], args));
  }

  /** Milliseconds since the epoch by the clock of Redis, which all times in the ledger are of. */
  async now(): Promise<number> {
    const [seconds, microseconds] = await this.client.time();
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  }

  /** Jobs that may not be in the queue yet, the oldest first. */
  async unqueued(most: number): Promise<PoolJob[]> {
    const members = await this.client.zrange(this.#keys.unqueuedPools, '0', String(most - 1));
    return members.flatMap((member) => readPoolJob(member) ?? []);
  }

  /** Notes that these jobs are in the queue. */
  async markQueued(jobs: readonly PoolJob[]): Promise<void> {
    if (jobs.length > 0) await this.client.zrem(this.#keys.unqueuedPools, ...jobs.map(formatPoolJob));
  }

  /** The jobs that the ledger counts on, some at a time; begin with cursor `0`, which comes back at the end. */
  async queued(cursor: string, most: number): Promise<{ cursor: string; jobs: PoolJob[] }> {
    const [next, fields] = await this.client.hscan(this.#keys.pools, cursor, 'COUNT', most);
    const jobs: PoolJob[] = [];
    for (let at = 0; at < fields.length; at += 2) {
      const job = readPoolJob(`${fields[at]}|${(fields[at + 1] ?? '').replaceAll(' ', '|')}`);
      if (job !== undefined) jobs.push(job);
    }
    return { cursor: next, jobs };
  }

  /** The generation of the job that stands for a pool; undefined when none does. */
  async generationOf(pool: Pool): Promise<number | undefined> {
    const mark = await this.client.hget(this.#keys.pools, targetOf(pool));
    return readPoolJob(`${targetOf(pool)}|${(mark ?? '').replaceAll(' ', '|')}`)?.generation;
  }

  /** Another job takes the place of one that was lost; false when that had been superseded. */
  async requeue(job: Omit<PoolJob, 'rank' | 'dueAtMs'>): Promise<boolean> {
    const args = [this.#keys.ledger, targetOf(job), job.generation];
    return (await requeueScript.run(this.client, [this.#keys.pools], args)) === 1;
  }

  /** Refs of parts that wait for an invocation, those first that are to be sent first. */
  async parts({ region, invocationId }: Pool, most: number): Promise<string[]> {
    const ready = await this.client.zrange(this.#keys.pool(region, invocationId), '0', String(most - 1));
    const later = await this.client.zrange(this.#keys.later(region, invocationId), '0', String(most - 1));
    return [...ready, ...later].slice(0, most);
  }

  #poolKeys({ region, invocationId }: Pool): string[] {
    return [this.#keys.pool(region, invocationId), this.#keys.later(region, invocationId)];
  }
}

/** As pools.lua writes it: `<region>|<invocation>|<generation>|<rank>|<due at>`. Undefined for what is none. */
export function readPoolJob(text: string): PoolJob | undefined {
  const [region = '', invocationId = '', ...numbers] = text.split('|');
  const [generation, rank, dueAtMs] = numbers.map(Number);
  if (!generation || rank === undefined || dueAtMs === undefined) return undefined;
  return { region, invocationId, generation, rank, dueAtMs };
}

function formatPoolJob(job: PoolJob): string {
  return `${targetOf(job)}|${job.generation}|${job.rank}|${job.dueAtMs}`;
}

function targetOf({ region, invocationId }: Pool): string {
  return `${region}|${invocationId}`;
}

function readCarriedJob([ref, mask, ids, attempts]: (string | number)[]): CarriedJob {
  const marks = String(mask);
  const names = ids === '' ? [] : String(ids).split(' ');
  return {
    ref: String(ref),
    mask: marks,
    instanceIds: names.filter((_id, index) => marks[index] === 's'),
    allInstanceIds: names,
    attempts: Number(attempts),
  };
}
