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
  readonly #passedOver = new Set<string>();
  #picks = 0;

  add(job: Job): void {
    const key = keyOf(job);
    const group = this.#groups.get(key);
    if (group === undefined) {
      this.#groups.set(key, { region: job.region, invocationId: job.invocationId, jobs: new Set([job]) });
    } else {
      group.jobs.add(job);
    }
  }

  /** Safe for a job that is not there. */
  remove(job: Job): void {
    const key = keyOf(job);
    const group = this.#groups.get(key);
    if (group?.jobs.delete(job) && group.jobs.size === 0) this.#groups.delete(key);
  }

  has(job: Job): boolean {
    return this.#groups.get(keyOf(job))?.jobs.has(job) ?? false;
  }

  /** Different invocations that jobs wait for. */
  get invocations(): number {
    return this.#groups.size;
  }

  /** Every job, and forgets them. */
  takeAll(): Job[] {
    const jobs = [...this.#groups.values()].flatMap((group) => [...group.jobs]);
    this.#groups.clear();
    return jobs;
  }

  /** Runs `work` while `pick` passes the invocation over, so that two calls are not filled from the same jobs at once. */
  async passOver<Result>(group: JobGroup<Job>, work: () => Promise<Result>): Promise<Result> {
    const key = keyOf(group);
    this.#passedOver.add(key);
    try {
      return await work();
    } finally {
      this.#passedOver.delete(key);
    }
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
    for (const [key, group] of this.#groups) {
      if (this.#passedOver.has(key)) continue;
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

function keyOf({ region, invocationId }: { region: string; invocationId: string }): string {
  return `${region}|${invocationId}`;
}
