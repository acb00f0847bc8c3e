import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CancelQueue } from '../shared/cancel-queue.js';
import type { CancelQueueView } from '../shared/cancel-queue-view.js';
import type { DeadLetterDesk } from '../shared/dead-letter-desk.js';
import type { DeadLetterQueue } from '../shared/dead-letter-queue.js';
import { parseJobId } from '../shared/job-ref.js';
import {
  isUnfinished,
  type JobReader,
  type Ledger,
  type RequestOutline,
  type Retention,
} from '../shared/ledger/index.js';
import type { Logger } from '../shared/logger.js';
import type { RedisClient } from '../shared/redis-connection.js';
import { buryJob } from './bury-job.js';
import { FairShares } from './fair-shares.js';
import { MissingJobs } from './missing-jobs.js';
import { OversleptJobs } from './overslept-jobs.js';
import type { WebhookWorker } from './webhook/webhook-worker.js';

export interface ReconcilerOptions {
  readonly client: RedisClient;
  readonly ledger: Ledger;
  readonly jobReader: JobReader;
  readonly queue: CancelQueue;
  readonly view: CancelQueueView;
  readonly deadLetters: DeadLetterQueue;
  readonly desk: Pick<DeadLetterDesk, 'sweepHandled'>;
  readonly logger: Logger;
  readonly workerName: string;
  readonly webhooks: Pick<WebhookWorker, 'queueSettled'>;
  readonly retention: Retention;
  /** How long finished requests are kept, in ms. */
  readonly keepMs: number;
  /** How often it looks, in ms; default 3000. */
  readonly everyMs?: number;
}

/** Time that a producer has for adding the jobs of what it had accepted. */
const unqueuedAfterMs = 5_000;
const requestsPerRound = 50;
const jobsPerRound = 2_000;
const failedPerRound = 200;
const overdueCallsPerRound = 200;

/**
 * Mends what crashes leave behind, by comparing the ledger with the queue: claims of dead workers, jobs that were
 * never added or have vanished, jobs that BullMQ gave up on, dead letters that are not in their queue. It also sees to
 * fair shares and to the end of what is finished. One worker does it at a time, at start and every few seconds.
 */
export class Reconciler {
  readonly #closing = new AbortController();
  readonly #identity = randomUUID();
  #running: Promise<void> | undefined;
  readonly #missingJobs: MissingJobs;
  readonly #oversleptJobs: OversleptJobs;
  readonly #fairShares: FairShares;

  constructor(private readonly options: ReconcilerOptions) {
    this.#missingJobs = new MissingJobs(options);
    this.#oversleptJobs = new OversleptJobs(options);
    this.#fairShares = new FairShares(options.queue, options.view, options.logger);
  }

  /** Safe to call twice. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when the round under way is over. Safe to call twice. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  /** One round, whoever holds the lease. A chore that fails keeps none of the others from being done. */
  async reconcile(): Promise<void> {
    const chores: Record<string, () => Promise<unknown>> = {
      'release overdue calls': () => this.#releaseOverdue(),
      'queue forgotten jobs': () => this.#queueForgotten(),
      'bury failed jobs': () => this.#buryFailed(),
      'mend unreadable jobs': () => this.#mendUnreadable(),
      'requeue missing jobs': () => this.#missingJobs.requeueSome(),
      'wake overslept jobs': () => this.#oversleptJobs.wakeSome(),
      'flush dead letters': () => this.options.deadLetters.flushOutbox(),
      'sweep handled letters': () => this.options.desk.sweepHandled(),
      'queue notifications': () => this.options.webhooks.queueSettled(),
      'keep shares fair': () => this.#fairShares.moveSome(),
      'remove old requests': () => this.options.retention.removeSome(Date.now() - this.options.keepMs),
    };
    for (const [chore, run] of Object.entries(chores)) {
      await run().catch((error: unknown) => {
        if (this.#closing.signal.aborted) return;
        this.options.logger.error({ err: error, chore }, 'reconciling failed; it is tried again');
      });
    }
  }

  async #run(): Promise<void> {
    const { logger, everyMs = 3_000 } = this.options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        if (await this.#holdsLease(everyMs)) await this.reconcile();
      } catch (error) {
        if (!signal.aborted) logger.error({ err: error }, 'reconciling failed; it is tried again');
      }
      await sleep(everyMs, undefined, { signal }).catch(() => {}); // aborted: the loop ends
    }
  }

  /** The lease outlasts a few rounds, so that a dead worker's chore is soon another's. */
  async #holdsLease(everyMs: number): Promise<boolean> {
    const { client, ledger } = this.options;
    const key = ledger.keys.lease('reconcile');
    const leaseMs = everyMs * 3;
    if ((await client.set(key, this.#identity, 'PX', leaseMs, 'NX')) === 'OK') return true;
    if ((await client.get(key)) !== this.#identity) return false;
    await client.pexpire(key, leaseMs);
    return true;
  }

  async #releaseOverdue(): Promise<void> {
    const { ledger, logger } = this.options;
    const refs = await ledger.releaseOverdue(overdueCallsPerRound);
    if (refs.length > 0) logger.warn({ jobs: refs.length }, 'calls without news: their instances wait again');
  }

  /** Requests whose producer died, or lost Redis, between accepting and adding jobs. */
  async #queueForgotten(): Promise<void> {
    const { jobReader, ledger, logger } = this.options;
    for (const requestId of await jobReader.unqueuedRequests(unqueuedAfterMs, requestsPerRound)) {
      const outline = await jobReader.outline(requestId);
      if (outline !== undefined) await this.#addAllJobs(outline);
      await ledger.markQueued(requestId);
      logger.warn({ requestId }, 'jobs added that its producer had not');
    }
  }

  async #addAllJobs(outline: RequestOutline): Promise<void> {
    for (let from = 0; from < outline.jobs; from += jobsPerRound) {
      // Fewer than their count says, if that was changed by hand.
      if ((await this.#addJobs(outline, from, Math.min(from + jobsPerRound, outline.jobs))) === 0) return;
    }
  }

  /** Returns how many there are. */
  async #addJobs(outline: RequestOutline, from: number, to: number): Promise<number> {
    const { jobReader, ledger, queue } = this.options;
    const jobs = await jobReader.jobs(outline.requestId, from, to);
    await queue.add(outline.requestId, outline.priority, jobs.filter(isUnfinished));
    await Promise.all(
      jobs.map((job) => ledger.indexInstances(outline.sequence, job.position, job.instanceIds ?? [])),
    );
    return jobs.length;
  }

  /** BullMQ gives a job up without asking the processor when its workers die too often. */
  async #buryFailed(): Promise<void> {
    const { view, queue, ledger, deadLetters, logger, workerName } = this.options;
    for (const { jobId, failedReason, data } of await view.failedJobs(failedPerRound)) {
      const stalled = failedReason.includes('stalled more than allowable limit');
      const reason = {
        code: stalled ? 'StalledTooOften' : 'JobFailed',
        message: stalled
          ? 'Its workers died or froze too often while they held it.'
          : failedReason.slice(0, 500),
      };
      logger.error({ jobId, ...reason }, 'BullMQ gave a job up');
      const doomed = { jobId, ref: parseJobId(jobId), data: readLoosely(data), reason };
      // Removed too early, it would be missed, added again, and go on killing workers.
      if (await buryJob(doomed, { ledger, deadLetters, workerName })) await queue.queue.remove(jobId);
    }
  }

  /** Whoever had such a job never got to see it; with options again, the next one does. */
  async #mendUnreadable(): Promise<void> {
    const { view, queue, logger } = this.options;
    const jobIds = await view.unreadableJobs();
    for (const jobId of jobIds) await queue.restoreOptions(jobId);
    if (jobIds.length > 0) {
      const examples = jobIds.slice(0, 5);
      logger.warn(
        { jobs: jobIds.length, examples },
        'BullMQ could not read jobs; what it needs was given anew',
      );
    }
  }
}

function readLoosely(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined; // not JSON: that is why it is here
  }
}
