import { rankOfOrder } from '../shared/ledger/index.js';

/** A job of this worker that waits for a call. */
export interface WaitingJob {
  readonly jobId: string;
  readonly ref: string;
  readonly region: string;
  readonly invocationId: string;
  /** The smallest goes first: urgent before normal before low, then the order of acceptance. */
  readonly order: number;
}

export interface JobGroup<Job extends WaitingJob = WaitingJob> {
  readonly region: string;
  readonly invocationId: string;
  readonly jobs: Set<Job>;
}

/** Of twenty picks, one looks for a low job and two more for a normal one, so that urgent work starves nobody. */
const picksPerRound = 20;
const lowTurn = 10;
const normalTurns = [5, 15];
const rankOfNormal = 1;
const rankOfLow = 2;

/**
 * The jobs of this worker that wait for a call, by invocation. `pick` names the invocation whose turn it is; what the
 * call then carries is for the ledger to say.
 */
export class WaitingJobs<Job extends WaitingJob = WaitingJob> {
  readonly #groups = new Map<string, JobGroup<Job>>();
  #picks = 0;

  add(job: Job): void {
    const key = `${job.region}|${job.invocationId}`;
    const group = this.#groups.get(key);
    if (group === undefined) {
      this.#groups.set(key, { region: job.region, invocationId: job.invocationId, jobs: new Set([job]) });
    } else {
      group.jobs.add(job);
    }
  }

  /** Safe for a job that is not there. */
  remove(job: Job): void {
    const key = `${job.region}|${job.invocationId}`;
    const group = this.#groups.get(key);
    if (group?.jobs.delete(job) && group.jobs.size === 0) this.#groups.delete(key);
  }

  has(job: Job): boolean {
    return this.#groups.get(`${job.region}|${job.invocationId}`)?.jobs.has(job) ?? false;
  }

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  /** Every job, and forgets them. */
  takeAll(): Job[] {
    const jobs = [...this.#groups.values()].flatMap((group) => [...group.jobs]);
    this.#groups.clear();
    return jobs;
  }

  /** The invocation whose turn it is. `isNewTurn` is false when the last pick came to nothing. */
  pick(isNewTurn: boolean): JobGroup<Job> | undefined {
    if (isNewTurn) this.#picks = (this.#picks + 1) % picksPerRound;
    if (this.#picks === lowTurn) return this.#firstOf(rankOfLow) ?? this.#firstOf();
    if (normalTurns.includes(this.#picks)) return this.#firstOf(rankOfNormal) ?? this.#firstOf();
    return this.#firstOf();
  }

  #firstOf(rank?: number): JobGroup<Job> | undefined {
    let first: JobGroup<Job> | undefined;
    let smallest = Number.POSITIVE_INFINITY;
    for (const group of this.#groups.values()) {
      for (const { order } of group.jobs) {
        if (order < smallest && (rank === undefined || rankOfOrder(order) === rank)) {
          smallest = order;
          first = group;
        }
      }
    }
    return first;
  }
}
