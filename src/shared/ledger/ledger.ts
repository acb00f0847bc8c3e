import { randomUUID } from 'node:crypto';
import type { PoolJob } from '../pool-job.js';
import type { RedisClient } from '../redis-connection.js';
import { instanceBucketOf, type RedisKeys, redisKeys } from '../redis-keys.js';
import type { Priority } from '../schemas.js';
import { readPoolJob } from './pool-ledger.js';
import { LuaScript } from './script.js';
import type { LedgerMove, LedgerReport, PlannedJob, PlannedRequest, SettledJob } from './types.js';

const acceptScript = new LuaScript('accept.lua');
const stageScript = new LuaScript('stage-parts.lua');
const settleScript = new LuaScript('settle.lua');
const indexScript = new LuaScript('index-instances.lua');
const withdrawScript = new LuaScript('withdraw.lua');
const releaseScript = new LuaScript('release-overdue.lua');

const rankOf: Readonly<Record<Priority, number>> = { urgent: 0, normal: 1, low: 2 };

/** A request of more than this is staged first, piece by piece: one script for all would keep everybody else waiting. */
const partsPerStep = 400;
const instancesPerStep = 2_000;

/** Staged parts of a request that is never accepted go after this time. */
const stagedForSeconds = 3_600;

/** A script that took a large request back in one go would keep everybody else waiting. */
const jobsPerWithdrawal = 200;

export interface Acceptance {
  readonly kind: 'accepted' | 'duplicate' | 'conflict';
  /** Its parts are not known to be in their pools yet. */
  readonly partsToJoin: boolean;
  /** The request's number in the order of acceptance. */
  readonly sequence: number;
  /** Jobs that the queue needs for it. */
  readonly poolJobs: readonly PoolJob[];
}

/** A part of a request that a call carried whose worker was not heard of again. */
export interface LostPart {
  readonly ref: string;
  /** How often that has happened to it. */
  readonly losses: number;
}

/**
 * The truth about every request: one letter per instance, moved along legal moves only, with counters that change in
 * the same step. Whatever is asked for is, at every moment, in exactly one of its states.
 */
export class Ledger {
  readonly keys: RedisKeys;

  constructor(
    private readonly client: RedisClient,
    prefix?: string,
  ) {
    this.keys = redisKeys(prefix);
  }

  /** Writes a request whole or not at all. Accepting the same content again under the same id changes nothing. */
  async accept(request: PlannedRequest): Promise<Acceptance> {
    const { keys } = this;
    const { requestId, fingerprint, priority, jobs } = request;
    const staged = keys.staged(randomUUID());
    const facts = Object.entries(request.facts).flat();
    const instances = jobs.reduce((sum, job) => sum + (job.instanceIds?.length ?? 1), 0);
    const isLarge = jobs.length > partsPerStep || instances > instancesPerStep;
    if (isLarge) await this.#stage(staged, jobs);
    const head = [keys.ledger, requestId, fingerprint, rankOf[priority], jobs.length, instances];
    const parts = isLarge ? [] : jobs.flatMap((job) => [...partOf(job), bucketsOf(job.instanceIds)]);
    const [kind, partsToJoin, sequence, ...poolJobs] = (await acceptScript.run(
      this.client,
      [keys.request(requestId), keys.requests, keys.open, keys.unqueued, keys.sequence, staged],
      [...head, facts.length / 2, ...facts, ...parts],
    )) as [Acceptance['kind'], number, number | string, ...string[]];
    return {
      kind,
      partsToJoin: partsToJoin === 1,
      sequence: Number(sequence),
      poolJobs: poolJobs.flatMap((text) => readPoolJob(text) ?? []),
    };
  }

  async #stage(key: string, jobs: readonly PlannedJob[]): Promise<void> {
    for (let from = 0; from < jobs.length; from += partsPerStep) {
      const parts = jobs.slice(from, from + partsPerStep).flatMap(partOf);
      await stageScript.run(this.client, [key], [stagedForSeconds, from, ...parts]);
    }
  }

  /** Notes that every part of the request is in its pool. */
  async markJoined(requestId: string): Promise<void> {
    await this.client.zrem(this.keys.unqueued, requestId);
  }

  /** Makes a part's instances findable by their id. Safe to repeat. */
  async indexInstances(sequence: number, position: number, instanceIds: readonly string[]): Promise<void> {
    if (instanceIds.length === 0) return;
    const ref = `${sequence}.${position}`;
    await indexScript.run(
      this.client,
      [this.keys.instances(instanceIds[0] ?? '')],
      [this.keys.ledger, ref, instanceIds.join(' '), bucketsOf(instanceIds)],
    );
  }

  /** Writes down what became of instances. `landed` ends the call's claim; otherwise it is prolonged by `leaseMs`. */
  async settle(report: LedgerReport): Promise<{ claimWasOpen: boolean; jobs: SettledJob[] }> {
    const { keys } = this;
    const reply = (await settleScript.run(
      this.client,
      [keys.flights, keys.flightDeadlines, keys.readBackDue],
      [keys.ledger, JSON.stringify({ ...report, moves: report.moves.map(toWire) }, wellFormed)],
    )) as (string | number)[];
    return {
      claimWasOpen: reply[0] === 1,
      jobs: [...chunksOf(reply, 1, 6)].map(([ref, moved, waiting, sent, settled, known]) => ({
        ref: String(ref),
        moved: Number(moved),
        waiting: Number(waiting),
        sent: Number(sent),
        requestSettled: settled === 1,
        known: known === 1,
      })),
    };
  }

  /**
   * Takes a request back: no further call carries anything of it, and what waits is withdrawn at once. `settled`
   * when there is nothing left to take back. Doing it twice changes nothing.
   */
  async withdraw(requestId: string): Promise<'withdrawn' | 'settled' | 'unknown'> {
    let next = 0;
    for (;;) {
      const [kind, goOn] = (await withdrawScript.run(
        this.client,
        [this.keys.request(requestId)],
        [this.keys.ledger, requestId, next, jobsPerWithdrawal],
      )) as ['withdrawn' | 'settled' | 'unknown', number | undefined];
      if (kind !== 'withdrawn' || goOn === undefined || goOn < 0) return kind;
      next = goOn;
    }
  }

  /** Gives back what dead workers had taken. Returns the parts that wait again. */
  async releaseOverdue(most: number): Promise<LostPart[]> {
    const { keys } = this;
    const reply = (await releaseScript.run(
      this.client,
      [keys.flights, keys.flightDeadlines],
      [keys.ledger, most],
    )) as (string | number)[];
    return [...chunksOf(reply, 0, 2)].map(([ref, losses]) => ({ ref: String(ref), losses: Number(losses) }));
  }
}

function partOf({ region, invocationId, instanceIds }: PlannedJob): string[] {
  return [`${region}|${invocationId}`, instanceIds?.join(' ') ?? '', 'w'.repeat(instanceIds?.length ?? 1)];
}

function bucketsOf(instanceIds: readonly string[] = []): string {
  return instanceIds.map(instanceBucketOf).join(' ');
}

function toWire(move: LedgerMove): object {
  return move.kind === 'bury' ? { ...move, letter: JSON.stringify(move.letter, wellFormed) } : move;
}

/** Redis' JSON reader refuses a text with half a character, and with it the whole report, every time. */
function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}

function* chunksOf<Item>(items: readonly Item[], from: number, size: number): Generator<Item[]> {
  for (let at = from; at < items.length; at += size) yield items.slice(at, at + size);
}
