import { formatJobRef, type JobRef } from '../job-ref.js';
import type { RedisClient } from '../redis-connection.js';
import { type RedisKeys, redisKeys } from '../redis-keys.js';
import type { Priority } from '../schemas.js';
import { LuaScript } from './script.js';
import type {
  CarriedJob,
  Flight,
  LedgerMove,
  LedgerReport,
  PlannedRequest,
  SettledJob,
  Standing,
} from './types.js';

const acceptScript = new LuaScript('accept.lua');
const joinScript = new LuaScript('join.lua');
const claimScript = new LuaScript('claim.lua');
const settleScript = new LuaScript('settle.lua');
const indexScript = new LuaScript('index-instances.lua');
const withdrawScript = new LuaScript('withdraw.lua');
const releaseScript = new LuaScript('release-overdue.lua');

const rankOf: Readonly<Record<Priority, number>> = { urgent: 0, normal: 1, low: 2 };

/** One call looks at no more jobs than this, so that a script stays well under a millisecond or two. */
const mostJobsPerCall = 400;

/** A script that took a large request back in one go would keep everybody else waiting. */
const jobsPerWithdrawal = 200;

export interface Acceptance {
  readonly kind: 'accepted' | 'duplicate' | 'conflict';
  /** Its jobs are not known to be in the queue yet. */
  readonly jobsToQueue: boolean;
  /** The request's number in the order of acceptance. */
  readonly sequence: number;
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
    const facts = Object.entries(request.facts).flat();
    const jobs = request.jobs.flatMap((job) => [
      `${job.region}|${job.invocationId}`,
      job.instanceIds?.join(' ') ?? '',
      'w'.repeat(job.instanceIds?.length ?? 1),
    ]);
    const [kind, jobsToQueue, sequence] = (await acceptScript.run(
      this.client,
      [keys.request(request.requestId), keys.requests, keys.open, keys.unqueued, keys.sequence],
      [
        keys.ledger,
        request.requestId,
        request.fingerprint,
        rankOf[request.priority],
        facts.length / 2,
        ...facts,
        ...jobs,
      ],
    )) as [Acceptance['kind'], number, number | string];
    return { kind, jobsToQueue: jobsToQueue === 1, sequence: Number(sequence) };
  }

  /** Notes that every job of the request is in the queue. */
  async markQueued(requestId: string): Promise<void> {
    await this.client.zrem(this.keys.unqueued, requestId);
  }

  /** Makes a job's instances findable by their id. Safe to repeat. */
  async indexInstances(sequence: number, position: number, instanceIds: readonly string[]): Promise<void> {
    if (instanceIds.length === 0) return;
    const buckets = instanceIds.map((id) => this.keys.instances(id));
    await indexScript.run(this.client, buckets, [`${sequence}.${position}`, ...instanceIds]);
  }

  /** How a job stands. One with instances to send joins those that wait for its invocation. */
  async join(ref: JobRef): Promise<Standing> {
    const [kind, value, target] = (await joinScript.run(
      this.client,
      [this.keys.request(ref.requestId)],
      [this.keys.ledger, formatJobRef(ref), ref.position],
    )) as [Standing['kind'], string | number | undefined, string | undefined];
    switch (kind) {
      case 'ready':
        return { kind, order: Number(value), ...splitTarget(target ?? '') };
      case 'later':
        return { kind, delayMs: Number(value) };
      default:
        return { kind };
    }
  }

  /**
   * Takes what one call shall carry: up to `mostIds` different waiting instances of one invocation, or the whole
   * invocation if a job asks for that; no flight when nothing waits. What is taken and not settled within `leaseMs`
   * waits again. `idleRefs` are those of the caller's own jobs that have nothing left to send. With `ifFirstWaits`,
   * nothing is taken when the first of `ownRefs` is among them.
   */
  async claim(claim: {
    callId: string;
    region: string;
    invocationId: string;
    ownRefs: readonly string[];
    mostIds: number;
    leaseMs: number;
    ifFirstWaits?: boolean;
  }): Promise<{ flight: Flight | undefined; idleRefs: string[] }> {
    const { keys } = this;
    const claimedAtMs = performance.now();
    const reply = (await claimScript.run(
      this.client,
      [keys.pool(claim.region, claim.invocationId), keys.flights, keys.flightDeadlines],
      [
        keys.ledger,
        claim.callId,
        claim.leaseMs,
        claim.mostIds,
        mostJobsPerCall,
        claim.ownRefs.join(' '),
        claim.ifFirstWaits === true ? '1' : '0',
      ],
    )) as (string | number)[];
    const [whole, idle, ...carried] = reply;
    const idleRefs = String(idle).split(' ').filter(Boolean);
    if (carried.length === 0) return { flight: undefined, idleRefs };
    const { callId, region, invocationId } = claim;
    const jobs = [...chunksOf(carried, 0, 5)].map(readCarriedJob);
    return { flight: { callId, region, invocationId, claimedAtMs, whole: whole === 1, jobs }, idleRefs };
  }

  /** Writes down what became of instances. `landed` ends the call's claim; otherwise it is prolonged by `leaseMs`. */
  async settle(report: LedgerReport): Promise<{ claimWasOpen: boolean; jobs: SettledJob[] }> {
    const { keys } = this;
    const reply = (await settleScript.run(
      this.client,
      [keys.flights, keys.flightDeadlines, keys.deadLetterOutbox, keys.readBackDue],
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

  /** Gives back what dead workers had taken. Returns the refs of the jobs that wait again. */
  async releaseOverdue(most: number): Promise<string[]> {
    const { keys } = this;
    return (await releaseScript.run(
      this.client,
      [keys.flights, keys.flightDeadlines],
      [keys.ledger, most],
    )) as string[];
  }
}

function readCarriedJob([ref, mask, ids, attempts, waitingLeft]: (string | number)[]): CarriedJob {
  const marks = String(mask);
  const names = ids === '' ? [] : String(ids).split(' ');
  return {
    ref: String(ref),
    mask: marks,
    instanceIds: names.filter((_id, index) => marks[index] === 's'),
    allInstanceIds: names,
    attempts: Number(attempts),
    waitingLeft: Number(waitingLeft),
  };
}

function splitTarget(target: string): { region: string; invocationId: string } {
  const [region = '', invocationId = ''] = target.split('|');
  return { region, invocationId };
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
