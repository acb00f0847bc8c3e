import type { CallOptions, CallResult, TatClient } from '../cloud/tat-client.js';
import { type Clock, systemClock } from '../shared/clock.js';
import type { Failure } from '../shared/failure.js';
import { policyOf } from '../shared/failure-policy.js';
import { createFailure } from '../shared/failure-table.js';
import type { CarriedJob, Flight, Ledger, LedgerMove } from '../shared/ledger/index.js';
import type { Logger } from '../shared/logger.js';
import type { Permit, RateLimiter } from '../shared/rate-limiter/index.js';
import type { CallRecorder } from './call-recorder.js';
import type { CircuitBreaker } from './circuit-breaker.js';
import { FlightLog } from './flight-log.js';
import { acceptMove, attemptRecord, buryMove, idsOf, narrow, retryMove, returnMove } from './flight-moves.js';
import { isolate } from './isolate.js';
import { retryDelayMs } from './retry-delay.js';
import { leavingWith, missedPermit } from './send-in-time.js';
import type { CallTracer } from './tracing/call-tracer.js';

/** On top of what a judgement takes: for Redis, and a process that is late. */
const judgementMarginMs = 2_000;
const keptBack = createFailure('CallAborted', 'Calls are kept back for now.');
const claimLost = createFailure('CallAborted', 'What it was to carry was given to others meanwhile.');

export interface CallRunnerOptions {
  readonly client: TatClient;
  readonly ledger: Ledger;
  readonly limiter: RateLimiter;
  readonly breaker: CircuitBreaker;
  /** Counts calls for people. */
  readonly recorder?: CallRecorder;
  /** Told whose instances a call carries. */
  readonly callTracer?: CallTracer | undefined;
  /** The instances of an invocation, or undefined when the cloud can't tell. */
  readonly readMembers: (region: string, invocationId: string) => Promise<ReadonlySet<string> | undefined>;
  readonly logger: Logger;
  readonly workerName: string;
  /** Calls that may fail in passing before a job is given up. */
  readonly attempts: number;
  /** Whether accepted instances are read back; false ends every request at accepted. */
  readonly confirm: boolean;
  /** How long the ledger waits for news of a call before it gives its instances to somebody else. */
  readonly leaseMs: number;
  /** Longest time for one call. */
  readonly callTimeoutMs: number;
  readonly clock?: Clock;
}

/** Carries out one call: sends it, takes it apart when it must, and writes down what became of every instance. */
export class CallRunner {
  readonly #clock: Clock;

  constructor(private readonly options: CallRunnerOptions) {
    this.#clock = options.clock ?? systemClock;
  }

  /** Never rejects for what the cloud does. `onWholeRejected`: a call for all of the invocation was not taken. */
  async run(flight: Flight, permit: Permit, onWholeRejected = () => {}): Promise<void> {
    const log = new FlightLog(this.options.ledger, flight, this.options.leaseMs);
    const ids = flight.whole ? undefined : idsOf(flight);
    const result = await this.#send(flight, ids, permit, log);
    if (result.ok) {
      await log.write(
        flight.jobs.map((job) => acceptMove(job, result.cloudRequestId, this.options.confirm)),
        true,
      );
    } else if (result.failure.class === 'dead') {
      if (flight.whole) onWholeRejected();
      await this.#refused(flight, ids, result.failure, log);
    } else {
      await this.#write(log, this.#comeBack(flight, flight.jobs, result.failure), true);
    }
  }

  /** One call, and a second one when fresh credentials may help: the client has fetched them by then. */
  async #send(
    flight: Flight,
    instanceIds: readonly string[] | undefined,
    permit: Permit,
    log: FlightLog,
  ): Promise<CallResult<undefined>> {
    const { breaker, limiter } = this.options;
    const sentAt = performance.now();
    let result = await this.#sendOnce(flight, instanceIds, permit, log);
    if (!result.ok && result.failure.renewCredentials) {
      result = await this.#sendOnce(flight, instanceIds, await limiter.acquire({ isAhead: true }), log);
    }
    if (!result.ok) {
      const judgementMs = breaker.judgementMs(result.failure);
      if (judgementMs > 0) await log.keepFor(judgementMs + judgementMarginMs);
      return { ok: false, failure: await breaker.judge(result.failure, flight) };
    }
    breaker.noteAccepted(flight, sentAt);
    return result;
  }

  async #sendOnce(
    flight: Flight,
    instanceIds: readonly string[] | undefined,
    firstPermit: Permit,
    log: FlightLog,
  ): Promise<CallResult<undefined>> {
    const { limiter, logger, recorder, callTimeoutMs } = this.options;
    const { region, invocationId, callId } = flight;
    let permit: Permit | undefined;
    let [sentAt, sentAtEpoch] = [0, 0];
    let result: CallResult<undefined>;
    do {
      permit = permit === undefined ? firstPermit : await limiter.acquire({ isUrgent: true, isAhead: true });
      if (!log.holdsFor(callTimeoutMs) && !(await log.renew())) {
        permit.giveBack();
        logger.warn(
          { callId, region, invocationId },
          'a call came too late to be made: others have its load',
        );
        return { ok: false, failure: claimLost };
      }
      [sentAt, sentAtEpoch] = [performance.now(), this.#clock.now()];
      result = await this.#call(flight, instanceIds, leavingWith(permit));
      permit.giveBack(); // if the call failed before it could leave
    } while (missedPermit(result));
    log.countCall(sentAtEpoch);
    recorder?.note({
      sentAt,
      instances: result.ok ? (instanceIds?.length ?? Math.max(1, idsOf(flight).length)) : 0,
      refused: !result.ok && result.failure.class === 'throttle',
    });
    const fields = { callId, region, invocationId, instances: instanceIds?.length ?? 'all' };
    if (result.ok) {
      logger.debug({ ...fields, cloudRequestId: result.cloudRequestId }, 'call accepted');
      return result;
    }
    const { code, message, cloudRequestId, isKnown } = result.failure;
    logger.info(
      { ...fields, code, class: result.failure.class, reason: message, cloudRequestId },
      'call failed',
    );
    if (isKnown === false) logger.warn({ code }, 'the cloud answered with a code that is not in the table');
    if (result.failure.class === 'throttle') await limiter.reportThrottled();
    return result;
  }

  async #call(
    flight: Flight,
    instanceIds: readonly string[] | undefined,
    options: CallOptions,
  ): Promise<CallResult<undefined>> {
    const { client, callTracer } = this.options;
    const { region, invocationId, jobs } = flight;
    const input = { region, invocationId, ...(instanceIds === undefined ? {} : { instanceIds }) };
    const send = () => client.cancelInvocation(input, options);
    if (callTracer === undefined) return await send();
    const carried = instanceIds === undefined ? jobs : narrow(jobs, instanceIds);
    const requestIds = new Set(carried.map(({ ref }) => ref.slice(0, ref.lastIndexOf('.'))));
    return await callTracer.carry([...requestIds], send);
  }

  /** A dead class came back. Only the guilty become dead letters. */
  async #refused(flight: Flight, ids: readonly string[] | undefined, failure: Failure, log: FlightLog) {
    if (ids === undefined) {
      await this.#write(log, this.#refusedWhole(flight, failure), true);
      return;
    }
    const last: LedgerMove[] = [];
    const guilty = new Map<string, { failure: Failure; instanceIds: string[] }>();
    await isolate(ids, failure, {
      send: (some) => this.#sendPart(flight, some, log),
      readMembers: () => this.options.readMembers(flight.region, flight.invocationId),
      tell: async (news) => {
        const jobs = narrow(flight.jobs, news.instanceIds);
        if (news.kind === 'accepted') {
          const moves = jobs.map((job) => acceptMove(job, news.cloudRequestId, this.options.confirm));
          await this.#write(log, moves, false);
        } else if (news.kind === 'unresolved') {
          last.push(...this.#comeBack(flight, jobs, news.failure));
        } else {
          const known = guilty.get(news.failure.code) ?? { failure: news.failure, instanceIds: [] };
          known.instanceIds.push(...news.instanceIds);
          guilty.set(news.failure.code, known);
        }
      },
    });
    // One dead letter for each job and reason: so the guilty are written down when all of them are known.
    for (const found of guilty.values()) {
      last.push(...this.#burials(narrow(flight.jobs, found.instanceIds), found.failure));
    }
    await this.#write(log, last, true);
  }

  /**
   * A part of a refused call, until the cloud has judged it: being too fast is no judgement. While calls are kept back
   * it is not sent; what it was to carry waits again, nothing spent.
   */
  async #sendPart(flight: Flight, instanceIds: readonly string[], log: FlightLog) {
    for (;;) {
      if (!this.options.breaker.allowsCalls) return { ok: false as const, failure: keptBack };
      const result = await this.#send(
        flight,
        instanceIds,
        await this.options.limiter.acquire({ isAhead: true }),
        log,
      );
      if (result.ok || result.failure.class !== 'throttle') return result;
    }
  }

  /** The jobs that asked for the whole invocation die; what they had absorbed waits for a call of its own. */
  #refusedWhole(flight: Flight, failure: Failure): LedgerMove[] {
    const isWhole = (job: CarriedJob) => job.allInstanceIds.length === 0;
    const condemned = failure.scope === 'invocation' ? flight.jobs : flight.jobs.filter(isWhole);
    const spared = flight.jobs.filter((job) => !condemned.includes(job));
    return [...this.#burials(condemned, failure), ...spared.map((job) => returnMove(job))];
  }

  /** Retried, given up, or simply returned: what a failure that condemns nobody means for each job. */
  #comeBack(flight: Flight, jobs: readonly CarriedJob[], failure: Failure): LedgerMove[] {
    const { blocks, spendsAttempt } = policyOf(failure);
    const blockedMs = blocks ? this.options.breaker.blockedForMs(flight) : 0;
    // A call that this worker gave up on shutting down is nobody's failure.
    if (!spendsAttempt || failure.code === 'CallAborted') {
      return jobs.map((job) => (blockedMs > 0 ? returnMove(job, blockedMs) : returnMove(job)));
    }
    const spent = Math.max(...jobs.map((job) => job.attempts)) + 1;
    const delayMs = retryDelayMs(spent, failure);
    return jobs.flatMap((job) => {
      if (job.attempts + 1 >= this.options.attempts) return this.#burials([job], givenUp(failure, job));
      return [retryMove(job, this.#attempt(failure), delayMs)];
    });
  }

  #burials(jobs: readonly CarriedJob[], failure: Failure): LedgerMove[] {
    return jobs.map((job) => buryMove(job, failure, this.#attempt(failure)));
  }

  #attempt(failure: Failure) {
    return attemptRecord(failure, this.options.workerName, this.#clock.now());
  }

  async #write(log: FlightLog, moves: readonly LedgerMove[], landed: boolean): Promise<void> {
    await log.write(moves, landed);
  }
}

function givenUp(failure: Failure, job: CarriedJob): Failure {
  return { ...failure, message: `${failure.message} (given up after ${job.attempts + 1} attempts)` };
}
