import { randomUUID } from 'node:crypto';
import { isDamagedData } from '../shared/damaged-data.js';
import { EnqueueError } from '../shared/errors.js';
import { formatJobRef, type JobRef } from '../shared/job-ref.js';
import type { Flight, Ledger, ReadyStanding } from '../shared/ledger/index.js';
import type { Logger } from '../shared/logger.js';
import { idsPerCall } from '../shared/schemas.js';
import type { CallLimiter, CallSlot } from './call-limiter/call-limiter.js';
import type { CallRunner } from './call-runner.js';
import type { JobNews } from './flight-log.js';
import type { HoldGate } from './hold-gate.js';
import { damaged, type JobVerdict, verdictOf } from './verdict.js';
import { type JobGroup, type WaitingJob, WaitingJobs } from './waiting-jobs.js';

/** Calls that are prepared at a time: each waits for its slot, then for what the ledger gives it to carry. */
const mostPrepared = 8;

/** Invocations that are passed over for one slot; each costs a round trip or two. */
const mostPassedOver = 5;

export interface CallDispatcherOptions {
  readonly ledger: Ledger;
  readonly limiter: CallLimiter;
  readonly runner: CallRunner;
  readonly hold: HoldGate;
  readonly logger: Logger;
  /** Calls that may be without an answer at a time. */
  readonly callsInFlight: number;
  /** How long the ledger waits for news of a call. */
  readonly leaseMs: number;
}

interface PendingJob extends WaitingJob {
  readonly jobRef: JobRef;
  /** Calls of this worker that carry some of it right now. */
  flights: number;
  readonly decide: (verdict: JobVerdict) => void;
}

/**
 * Brings waiting jobs and call slots together. Jobs wait here as promises; only when a slot comes is it decided what
 * the next call carries, so an idle system sends at once and a busy one fills every call.
 */
export class CallDispatcher {
  readonly #waiting = new WaitingJobs<PendingJob>();
  /** Jobs without a verdict, by ref; a redriven job and its predecessor can be here together. */
  readonly #pending = new Map<string, Set<PendingJob>>();
  readonly #stopping = new AbortController();
  readonly #preparing = new Set<Promise<void>>();
  readonly #flying = new Set<Promise<void>>();
  /** The jobs that each flight was counted for: others may come to the same refs while it is out. */
  readonly #carried = new WeakMap<Flight, readonly PendingJob[]>();
  #started = false;

  constructor(private readonly options: CallDispatcherOptions) {}

  /** Jobs without a verdict yet. */
  get size(): number {
    return this.#pending.size;
  }

  /** Safe to call twice. */
  start(): void {
    this.#started = true;
    this.#prepareCalls();
  }

  /** Resolves when it is known what is to become of the job. Never rejects. */
  async submit(jobId: string, ref: JobRef, ready: ReadyStanding): Promise<JobVerdict> {
    if (this.#stopping.signal.aborted) return draining;
    return await new Promise<JobVerdict>((resolve) => {
      const { order, region, invocationId } = ready;
      const job: PendingJob = {
        jobId,
        ref: formatJobRef(ref),
        jobRef: ref,
        region,
        invocationId,
        order,
        flights: 0,
        decide: (verdict) => {
          this.#forget(job);
          resolve(verdict);
        },
      };
      const siblings = this.#pending.get(job.ref) ?? new Set();
      this.#pending.set(job.ref, siblings.add(job));
      this.#putBack(job);
    });
  }

  /** Starts no further call, hands waiting jobs back unspent, and resolves when the calls in flight have landed. */
  async drain(): Promise<void> {
    this.#stopping.abort();
    for (const job of this.#waiting.takeAll()) if (job.flights === 0) job.decide(draining);
    await Promise.all(this.#preparing);
    await Promise.all(this.#flying);
  }

  /**
   * As many as there is work and room for, and never two for one invocation: a slot without a load would be lost to
   * everybody. Several, because a slow Redis would limit the rate to one call for each of its round trips.
   */
  #prepareCalls(): void {
    while (this.#started && !this.#stopping.signal.aborted && this.#preparing.size < this.#mostToPrepare()) {
      const prepared = this.#prepare().finally(() => {
        this.#preparing.delete(prepared);
        this.#prepareCalls();
      });
      this.#preparing.add(prepared);
    }
  }

  #mostToPrepare(): number {
    const room = this.options.callsInFlight - this.#flying.size;
    return Math.min(mostPrepared, room, this.#waiting.invocations);
  }

  /** Never rejects. */
  async #prepare(): Promise<void> {
    try {
      const slot = await this.#takeSlot(this.#stopping.signal);
      const flight = await this.#claimNext();
      if (flight !== undefined) this.#launch(flight, slot);
    } catch (error) {
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    this.options.logger.error({ err: error }, 'the next call could not be prepared');
  }

  /** A slot that comes when the gate has closed meanwhile is left unused. */
  async #takeSlot(signal: AbortSignal): Promise<CallSlot> {
    const { hold, limiter } = this.options;
    let slot: CallSlot | undefined;
    while (slot === undefined || !hold.isOpen) {
      await hold.whenOpen(signal);
      slot = await limiter.take(signal);
    }
    return slot;
  }

  #launch(flight: Flight, slot: CallSlot): void {
    const landed = this.#fly(flight, slot).finally(() => {
      this.#flying.delete(landed);
      this.#prepareCalls();
    });
    this.#flying.add(landed);
  }

  /**
   * Claims for one invocation after the other, until there is something to send or nothing left to ask for. An
   * invocation whose oldest job here went out with another worker's call is passed over, or each full call of one worker
   * would be followed by a thin one of the next. But not for long: the slot must be used while it is fresh.
   */
  async #claimNext(): Promise<Flight | undefined> {
    for (let looks = 0; !this.#stopping.signal.aborted; looks++) {
      const group = this.#waiting.pick(looks === 0);
      if (group === undefined) return undefined;
      const flight = await this.#waiting.passOver(group, () =>
        this.#claimSafely(group, looks < mostPassedOver),
      );
      if (flight !== undefined) return flight;
    }
    return undefined;
  }

  /** A claim that what was changed by hand makes impossible must not come up again and again before all others. */
  async #claimSafely(group: JobGroup<PendingJob>, ifFirstWaits: boolean): Promise<Flight | undefined> {
    try {
      return await this.#claim(group, ifFirstWaits);
    } catch (error) {
      if (!isDamagedData(error)) throw error;
      this.#complain(error);
      for (const job of [...group.jobs]) {
        this.#waiting.remove(job);
        if (job.flights === 0) job.decide(damaged);
      }
      return undefined;
    }
  }

  async #claim(group: JobGroup<PendingJob>, ifFirstWaits: boolean): Promise<Flight | undefined> {
    const own = [...group.jobs].sort((a, b) => a.order - b.order);
    const { flight, idleRefs } = await this.options.ledger.claim({
      callId: randomUUID(),
      region: group.region,
      invocationId: group.invocationId,
      ownRefs: own.slice(0, idsPerCall).map((job) => job.ref),
      mostIds: idsPerCall,
      leaseMs: this.options.leaseMs,
      ifFirstWaits,
    });
    if (flight === undefined && idleRefs.length === 0) {
      throw new EnqueueError('DATA_DAMAGED', `What waits for ${group.invocationId} names no instances.`);
    }
    if (flight !== undefined) this.#countOut(flight);
    // Other workers' calls dealt with these; left in place, the oldest of them would call its invocation up for ever.
    const idle = new Set(idleRefs);
    const looked = this.#lookAgain(own.filter((job) => idle.has(job.ref)));
    if (flight === undefined) await looked;
    return flight;
  }

  #countOut(flight: Flight): void {
    const counted: PendingJob[] = [];
    for (const { ref, waitingLeft } of flight.jobs) {
      for (const job of this.#pending.get(ref) ?? []) {
        job.flights += 1;
        counted.push(job);
        if (waitingLeft === 0) this.#waiting.remove(job);
      }
    }
    this.#carried.set(flight, counted);
  }

  async #fly(flight: Flight, slot: CallSlot): Promise<void> {
    let news: ReadonlyMap<string, JobNews> = new Map();
    try {
      news = await this.options.runner.run(flight, slot);
    } catch (error) {
      this.options.logger.error({ err: error, callId: flight.callId }, 'a call could not be written down');
    }
    for (const job of this.#carried.get(flight) ?? []) job.flights -= 1;
    const unclear: PendingJob[] = [];
    for (const { ref } of flight.jobs) {
      for (const job of this.#pending.get(ref) ?? []) {
        if (!this.#decide(job, news.get(ref))) unclear.push(job);
      }
    }
    await this.#lookAgain(unclear);
  }

  /** False when the news do not say what is to become of the job. */
  #decide(job: PendingJob, news: JobNews | undefined): boolean {
    if (news === undefined) return false;
    if (news.retry !== undefined && news.waiting > 0) job.decide({ kind: 'retry', ...news.retry });
    else if (news.waiting === 0 && news.sent === 0) job.decide({ kind: 'done' });
    else if (news.postponeMs !== undefined) {
      job.decide({ kind: 'postpone', reason: 'not-due', delayMs: news.postponeMs });
    } else if (news.waiting > 0) this.#putBack(job);
    else return job.flights > 0;
    return true;
  }

  /** Asks the ledger how jobs stand that another worker's call, or nobody's, may have dealt with. Never rejects. */
  async #lookAgain(jobs: readonly PendingJob[]): Promise<void> {
    await Promise.all(
      jobs.map(async (job) => {
        this.#waiting.remove(job);
        try {
          const standing = await this.options.ledger.join(job.jobRef);
          if (standing.kind === 'ready') this.#putBack(job);
          else if (job.flights === 0) job.decide(verdictOf(standing));
        } catch (error) {
          this.#complain(error);
          this.#putBack(job); // else nobody would ever ask for it again
        }
      }),
    );
  }

  #putBack(job: PendingJob): void {
    if (this.#stopping.signal.aborted) {
      if (job.flights === 0) job.decide(draining);
      return;
    }
    this.#waiting.add(job);
    this.#prepareCalls();
  }

  #forget(job: PendingJob): void {
    this.#waiting.remove(job);
    const siblings = this.#pending.get(job.ref);
    siblings?.delete(job);
    if (siblings?.size === 0) this.#pending.delete(job.ref);
  }
}

const draining: JobVerdict = { kind: 'postpone', reason: 'draining', delayMs: 0 };
