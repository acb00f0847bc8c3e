import { setTimeout as sleep } from 'node:timers/promises';
import type { Invocation, TatClient } from '../cloud/tat-client.js';
import { isDamagedData } from '../shared/damaged-data.js';
import { createFailure } from '../shared/failure-table.js';
import { formatJobRef, type JobRef } from '../shared/job-ref.js';
import type {
  DueReadBack,
  JobReader,
  Ledger,
  LedgerJob,
  LedgerMove,
  ReadBackLedger,
} from '../shared/ledger/index.js';
import type { Logger } from '../shared/logger.js';
import type { PoolQueuer } from '../shared/pool-queuer.js';
import type { RateLimiter } from '../shared/rate-limiter/index.js';
import type { CircuitBreaker } from './circuit-breaker.js';
import { attemptRecord, buryMove } from './flight-moves.js';
import { defaultPatience, judgeTasks, nextLookMs, type ReadBackPatience } from './read-back-verdicts.js';
import { sendInTime } from './send-in-time.js';

export interface ReadBackOptions {
  readonly client: TatClient;
  readonly ledger: Ledger;
  readonly readBacks: ReadBackLedger;
  readonly jobReader: JobReader;
  readonly queuer: PoolQueuer;
  /** The limiter of DescribeInvocations for a region. */
  readonly limiterFor: (region: string) => RateLimiter;
  readonly breaker: CircuitBreaker;
  readonly logger: Logger;
  readonly workerName: string;
  readonly patience?: ReadBackPatience;
  /** How often the ledger is asked for what is due, in ms; default 500. */
  readonly everyMs?: number;
  /** Longer than a look can take, so that no two workers look at the same invocation. */
  readonly leaseMs: number;
}

/** DescribeInvocations takes at most so many ids. */
const invocationsPerCall = 100;
/** The most that DescribeInvocationTasks takes. */
const tasksPerPage = 100;
/** An invocation has 200 tasks at most; an answer that promises many more is not to be followed without end. */
const mostTaskPages = 10;
/** Each costs a few round trips, and all of a look together must be done within the lease. */
const settledAtATime = 10;
const movesPerReport = 50;
const afterFailureMs = 2_000;
/** Longer than a look takes that is answered well. */
const patienceMs = 1_000;
const busyMs = 2_000;
const strangerCode = 'InvalidParameterValue.InstanceIsNotRelatedToInvocation';

interface ReadJob {
  readonly ref: JobRef;
  readonly job: LedgerJob;
}

/**
 * Accepted is not stopped: asks the cloud what became of accepted instances and writes their end into the ledger. Any
 * worker may do it for any invocation, so a crash costs one lease.
 */
export class ReadBack {
  readonly #closing = new AbortController();
  /** Looks under way, by region. */
  readonly #looking = new Map<string, Promise<void>>();
  #running: Promise<void> | undefined;

  constructor(private readonly options: ReadBackOptions) {}

  /** Safe to call twice. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when the look under way is over. Safe to call twice. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    await Promise.all(this.#looking.values());
  }

  async #run(): Promise<void> {
    const { breaker, logger, everyMs = 500 } = this.options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await breaker.whenAllowed(signal);
      const found = await this.#lookAtDue().catch((error: unknown) => {
        if (!signal.aborted) logger.error({ err: error }, 'reading back failed; it is tried again');
        return 0;
      });
      if (found === 0) await sleep(everyMs, undefined, { signal }).catch(() => {}); // aborted: the loop ends
    }
  }

  async #lookAtDue(): Promise<number> {
    const { now, due } = await this.options.readBacks.takeDue(invocationsPerCall, this.options.leaseMs);
    for (const [region, targets] of byRegion(due)) await this.#lookApart(region, targets, now);
    return due.length;
  }

  /** A region that is slow to answer keeps only itself waiting: what else is due there comes again in a moment. */
  async #lookApart(region: string, due: readonly DueReadBack[], now: number): Promise<void> {
    if (this.#looking.has(region)) {
      await Promise.all(due.map((target) => this.options.readBacks.putOff(target, busyMs)));
      return;
    }
    const look = this.#look(region, due, now)
      .catch((error: unknown) => {
        if (this.#closing.signal.aborted) return;
        this.options.logger.error({ err: error, region }, 'reading back failed; it is tried again');
      })
      .finally(() => this.#looking.delete(region));
    this.#looking.set(region, look);
    await Promise.race([look, sleep(patienceMs, undefined, { ref: false })]);
  }

  async #look(region: string, due: readonly DueReadBack[], now: number): Promise<void> {
    const { client, breaker, logger, limiterFor, readBacks } = this.options;
    const blockedMs = breaker.blockedForMs({ region, invocationId: 'read' });
    if (blockedMs > 0) {
      for (const target of due) await readBacks.putOff(target, blockedMs);
      return;
    }
    const limiter = limiterFor(region);
    const invocationIds = due.map((target) => target.invocationId);
    const input = { region, invocationIds, limit: invocationsPerCall };
    const result = await sendInTime(
      limiter,
      (options) => client.describeInvocations(input, options),
      this.#closing.signal,
    );
    if (result.ok) {
      breaker.noteReached(region);
      const found = new Map(
        result.value.invocations.map((invocation) => [invocation.invocationId, invocation]),
      );
      for (let from = 0; from < due.length; from += settledAtATime) {
        const part = due.slice(from, from + settledAtATime);
        await Promise.all(
          part.map((target) => this.#settleSafely(target, found.get(target.invocationId), now)),
        );
      }
      return;
    }
    const failure = await breaker.judgeRead(result.failure, region);
    logger.info({ region, code: failure.code, invocations: due.length }, 'could not read back');
    if (failure.class === 'throttle') await limiter.reportThrottled();
    if (failure.class === 'dead' && due.length > 1) {
      // One id that the cloud does not like must not keep the others from being proved.
      const middle = Math.ceil(due.length / 2);
      await this.#look(region, due.slice(0, middle), now);
      await this.#look(region, due.slice(middle), now);
    } else if (failure.class === 'dead') {
      for (const target of due) await this.#settleSafely(target, undefined, now);
    } else {
      for (const target of due) await readBacks.putOff(target, afterFailureMs);
    }
  }

  /** One that cannot be written down comes again after its lease, and keeps no other from being proved. */
  async #settleSafely(target: DueReadBack, invocation: Invocation | undefined, now: number): Promise<void> {
    try {
      await this.#settle(target, invocation, now);
    } catch (error) {
      if (!isDamagedData(error)) throw error;
      const { region, invocationId } = target;
      this.options.logger.error(
        { err: error, region, invocationId },
        'what was read back does not fit the ledger',
      );
    }
  }

  async #settle(target: DueReadBack, invocation: Invocation | undefined, now: number): Promise<void> {
    const { readBacks, patience = defaultPatience } = this.options;
    const jobs = await this.#readJobs(target, invocation);
    const statuses = await this.#statuses(target, invocation, jobs);
    const moves: LedgerMove[] = [];
    let ageMs = 0;
    for (const { ref, job } of jobs) {
      // Without a time (a redrive of 0.1.0 took it away), it has been long enough.
      const jobAgeMs = job.acceptedAt === undefined ? patience.deadlineMs : now - job.acceptedAt;
      ageMs = Math.max(ageMs, jobAgeMs);
      const verdict = judgeTasks(job, statuses, jobAgeMs, patience);
      moves.push(...this.#movesFor(ref, job, verdict, jobAgeMs));
    }
    await this.#write(moves.filter(({ mask }) => /[^.]/.test(mask)));
    await readBacks.putOff(target, nextLookMs(ageMs));
  }

  #movesFor(
    ref: JobRef,
    job: LedgerJob,
    verdict: ReturnType<typeof judgeTasks>,
    ageMs: number,
  ): LedgerMove[] {
    const name = formatJobRef(ref);
    const strangers = [...job.letters]
      .map((letter, index) =>
        letter === 'a' && verdict.unlisted.includes(job.instanceIds?.[index] ?? '') ? 'd' : '.',
      )
      .join('');
    return [
      { kind: 'confirm', ref: name, mask: verdict.ended, only: 'a', ageMs },
      // Before the burial, which then finds nothing left of what is cancelled once more.
      { kind: 'again', ref: name, mask: verdict.again, only: 'a' },
      this.#burial(
        name,
        verdict.overdue,
        'NotConfirmed',
        `The cloud accepted the cancel, but the task had not ended in time (${verdict.overdueStatuses.join(', ')}).`,
      ),
      this.#burial(name, strangers, strangerCode, 'The invocation does not run on this instance.'),
    ];
  }

  #burial(ref: string, mask: string, code: string, message: string): LedgerMove {
    const failure = createFailure(code, message);
    const attempt = attemptRecord(failure, this.options.workerName, Date.now());
    return { ...buryMove({ ref, mask }, failure, attempt), only: 'a' };
  }

  /** The jobs that wait for this invocation; those that asked for all of it learn its members here. */
  async #readJobs(target: DueReadBack, invocation: Invocation | undefined): Promise<ReadJob[]> {
    const { jobReader, readBacks, ledger } = this.options;
    const members = invocation?.tasks.map((task) => task.instanceId) ?? [];
    const read = await Promise.all(
      target.refs.map(async (ref) => {
        let [job] = await jobReader.jobs(ref.requestId, ref.position, ref.position + 1);
        if (job !== undefined && job.instanceIds === undefined && members.length > 0) {
          await readBacks.nameMembers(ref, members);
          const outline = await jobReader.outline(ref.requestId);
          if (outline !== undefined) await ledger.indexInstances(outline.sequence, ref.position, members);
          [job] = await jobReader.jobs(ref.requestId, ref.position, ref.position + 1);
        }
        return job === undefined ? [] : [{ ref, job }];
      }),
    );
    return read.flat();
  }

  /** Task states by instance. Where the list lacks accepted instances, the tasks themselves are asked for. */
  async #statuses(target: DueReadBack, invocation: Invocation | undefined, jobs: readonly ReadJob[]) {
    if (invocation === undefined) return undefined;
    const statuses = new Map<string, string>(invocation.tasks.map((task) => [task.instanceId, task.status]));
    const unlisted = jobs.flatMap(({ job }) =>
      (job.instanceIds ?? []).filter((id, index) => job.letters[index] === 'a' && !statuses.has(id)),
    );
    if (unlisted.length > 0 && !(await this.#addTasks(target, statuses))) {
      for (const id of unlisted) if (!statuses.has(id)) statuses.set(id, 'unknown');
    }
    return statuses;
  }

  /** False when not all tasks could be read. It takes a page or two, however many instances turn out to be none of them. */
  async #addTasks({ region, invocationId }: DueReadBack, statuses: Map<string, string>): Promise<boolean> {
    const limiter = this.options.limiterFor(region);
    for (let page = 0; page < mostTaskPages; page++) {
      const input = { region, invocationId, offset: page * tasksPerPage, limit: tasksPerPage };
      const result = await sendInTime(
        limiter,
        (options) => this.options.client.describeInvocationTasks(input, options),
        this.#closing.signal,
      );
      if (!result.ok) {
        if (result.failure.class === 'throttle') await limiter.reportThrottled();
        return false;
      }
      const { tasks, totalCount } = result.value;
      for (const task of tasks) statuses.set(task.instanceId, task.status);
      if (tasks.length === 0 || (page + 1) * tasksPerPage >= totalCount) return true;
    }
    return false;
  }

  async #write(moves: readonly LedgerMove[]): Promise<void> {
    const { ledger, queuer, logger } = this.options;
    for (let from = 0; from < moves.length; from += movesPerReport) {
      const part = moves.slice(from, from + movesPerReport);
      const { jobs } = await ledger.settle({ landed: true, leaseMs: 0, calls: 0, sentAt: 0, moves: part });
      const moved = part.filter((_move, index) => (jobs[index]?.moved ?? 0) > 0);
      const again = moved.filter(({ kind }) => kind === 'again');
      if (again.length === 0) continue;
      await queuer.addUnqueued();
      logger.info(
        { parts: again.map(({ ref }) => ref) },
        'tasks still running after the cancel: cancelled again',
      );
    }
  }
}

function byRegion(due: readonly DueReadBack[]): Map<string, DueReadBack[]> {
  const regions = new Map<string, DueReadBack[]>();
  for (const target of due) {
    const known = regions.get(target.region);
    if (known === undefined) regions.set(target.region, [target]);
    else known.push(target);
  }
  return regions;
}
