import { type JobsOptions, Queue } from 'bullmq';
import { type PauseNote, type PauseState, PauseStateStore } from './pause-state.js';
import { type PoolJob, poolJobIdOf } from './pool-job.js';
import { cancelJobName, cancelQueueName } from './queue-names.js';
import type { RedisClient } from './redis-connection.js';
import type { CancelJobData, Priority } from './schemas.js';
import type { Tracing } from './tracing/tracing.js';

/** BullMQ's priorities: the smaller the sooner. 0 would overtake everything, so it is not used. */
export const bullPriority: Readonly<Record<Priority, number>> = { urgent: 1, normal: 2, low: 3 };

/** The ledger counts attempts. A job of the queue fails only for an error of Redis or of this program, and comes back. */
const bullAttempts = 1_000;

const commonOptions = {
  attempts: bullAttempts,
  backoff: { type: 'custom' },
  removeOnComplete: { count: 1_000 },
  removeOnFail: false,
  stackTraceLimit: 1,
} satisfies JobsOptions;

/** The queue of cancel jobs: each says that an invocation has work. */
export class CancelQueue {
  readonly queue: Queue<CancelJobData>;
  readonly #pauses: PauseStateStore;

  constructor(
    private readonly client: RedisClient,
    prefix: string,
    tracing?: Tracing,
  ) {
    this.queue = new Queue<CancelJobData>(cancelQueueName, {
      connection: client,
      prefix,
      skipVersionCheck: true,
      skipMetasUpdate: true,
      ...(tracing === undefined ? {} : { telemetry: tracing.telemetry }),
    });
    this.#pauses = new PauseStateStore(client, prefix);
  }

  /** Adds the jobs of pools. Safe to repeat: a job that is there already is left alone. `now` is Redis' clock. */
  async add(jobs: readonly PoolJob[], now = 0): Promise<void> {
    const [only] = jobs;
    if (only !== undefined && jobs.length === 1) {
      const { name, data, opts } = toBullJob(only, now);
      await this.queue.add(name, data, opts);
    } else if (jobs.length > 0) {
      await this.queue.addBulk(jobs.map((job) => toBullJob(job, now)));
    }
  }

  /**
   * Gives a job anew what BullMQ must be able to read by itself; its data are left as they are. One that is no hash at
   * all is taken away: if the ledger counts on it, it is then missed and added again.
   */
  async restoreOptions(jobId: string): Promise<void> {
    const key = this.queue.toKey(jobId);
    const type = await this.client.type(key);
    if (type !== 'hash') {
      await this.client.multi().del(key).lrem(this.queue.toKey('active'), 0, jobId).exec();
      return;
    }
    const fields = { opts: JSON.stringify(commonOptions), progress: '0' };
    const others = ['parent', 'parentKey', 'rjk', 'ats', 'atm', 'stc'];
    await this.client
      .multi()
      .hset(key, fields)
      .hdel(key, ...others)
      .exec();
  }

  /** Removes jobs, whatever became of them; those that a worker holds stay. */
  async remove(jobIds: readonly string[]): Promise<void> {
    await Promise.all(jobIds.map((jobId) => this.queue.remove(jobId)));
  }

  /** No further calls are made until `resume`; what is asked for meanwhile waits. For people; unlike held. */
  async pause(note: PauseNote = {}): Promise<void> {
    // Resumed by another tool, an earlier pause has left its note behind.
    if (!(await this.isPaused())) await this.#pauses.forget();
    await this.#pauses.note(note);
    await this.queue.pause();
  }

  async resume(): Promise<void> {
    await this.queue.resume();
    await this.#pauses.forget();
  }

  /** False while work goes on; true when paused by something that left no note, such as another queue tool. */
  async pauseState(): Promise<PauseState | boolean> {
    const [paused, state] = await Promise.all([this.isPaused(), this.#pauses.read()]);
    return paused && (state ?? true);
  }

  async isPaused(): Promise<boolean> {
    return await this.queue.isPaused();
  }

  /** Jobs that will be taken before this one; undefined when it does not wait in the queue. */
  async jobsAhead(jobId: string): Promise<number | undefined> {
    const rank = await this.client.zrank(this.queue.toKey('prioritized'), jobId);
    return rank ?? undefined;
  }

  /** How many jobs the workers hold. */
  async activeJobs(): Promise<number> {
    return await this.client.llen(this.queue.toKey('active'));
  }

  /** Ids of waiting jobs in the order in which they will be taken, from the given rank on. */
  async waitingJobIds(from: number, most: number): Promise<string[]> {
    if (most <= 0) return [];
    return await this.client.zrange(this.queue.toKey('prioritized'), String(from), String(from + most - 1));
  }

  async close(): Promise<void> {
    await this.queue.close();
  }
}

const priorityOfRank: readonly Priority[] = ['urgent', 'normal', 'low'];

function toBullJob(job: PoolJob, now: number) {
  const { region, invocationId, rank, dueAtMs } = job;
  const priority = priorityOfRank[rank] ?? 'low';
  const delay = now === 0 ? 0 : Math.max(0, dueAtMs - now);
  const opts: JobsOptions = {
    jobId: poolJobIdOf(job),
    priority: bullPriority[priority],
    ...(delay === 0 ? {} : { delay }),
    ...commonOptions,
  };
  const data: CancelJobData = { region, invocationId, priority };
  return { name: cancelJobName, data, opts };
}
