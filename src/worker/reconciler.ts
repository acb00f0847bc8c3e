import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CancelQueue } from '../shared/cancel-queue.js';
import type { CancelQueueView } from '../shared/cancel-queue-view.js';
import type { DeadLetterProjection } from '../shared/dead-letters/index.js';
import type { JobReader, Ledger, PoolLedger, Retention } from '../shared/ledger/index.js';
import type { Logger } from '../shared/logger.js';
import type { PoolQueuer } from '../shared/pool-queuer.js';
import type { RedisClient } from '../shared/redis-connection.js';
import { FairShares } from './fair-shares.js';
import { FailedJobs } from './maintenance/failed-jobs.js';
import { LostCalls } from './maintenance/lost-calls.js';
import { PoolJobs } from './maintenance/pool-jobs.js';
import { UnjoinedParts } from './maintenance/unjoined-parts.js';
import type { WebhookWorker } from './webhook/webhook-worker.js';

export interface ReconcilerOptions {
  readonly client: RedisClient;
  readonly ledger: Ledger;
  readonly pools: PoolLedger;
  readonly queuer: PoolQueuer;
  readonly jobReader: JobReader;
  readonly queue: CancelQueue;
  readonly view: CancelQueueView;
  readonly projection: Pick<DeadLetterProjection, 'takeOver' | 'refresh'>;
  readonly logger: Logger;
  readonly workerName: string;
  readonly webhooks: Pick<WebhookWorker, 'queueSettled'>;
  readonly retention: Retention;
  /** How long finished requests are kept, in ms. */
  readonly keepMs: number;
  /** Calls that a part may be lost in before it is given up. */
  readonly mostLosses: number;
  /** How often it looks, in ms; default 3000. */
  readonly everyMs?: number;
}

/** What else is to be done in a round must not wait for long. */
const retentionBudgetMs = 1_000;

/**
 * Mends what crashes leave behind, by comparing the ledger with the queue: claims of dead workers, parts that are in no
 * pool, jobs that were never added or have vanished, jobs that BullMQ gave up, dead letters that are not in their queue.
 * It also sees to fair shares and to the end of what is finished. One worker does it at a time, at start and every few
 * seconds.
 */
export class Reconciler {
  readonly #closing = new AbortController();
  readonly #identity = randomUUID();
  #running: Promise<void> | undefined;
  #knowsAllDeadLetters = false;
  readonly #tasks: Readonly<Record<string, () => Promise<unknown>>>;

  constructor(private readonly options: ReconcilerOptions) {
    const { queue, view, logger, queuer, projection, webhooks } = options;
    const parts = new UnjoinedParts(options);
    const poolJobs = new PoolJobs(options);
    const failedJobs = new FailedJobs(options);
    const lostCalls = new LostCalls(options);
    const fairShares = new FairShares(queue, view, logger);
    this.#tasks = {
      'release overdue calls': () => lostCalls.release(),
      'join forgotten requests': () => parts.joinForgotten(),
      'join parts without a pool': () => parts.joinSome(),
      'queue pools': () => queuer.addUnqueued(),
      'requeue lost jobs': () => poolJobs.requeueLost(),
      'deal with failed jobs': () => failedJobs.replaceAll(),
      'mend unreadable jobs': () => this.#mendUnreadable(),
      'take over dead letters of 0.1.0': () => this.#takeOverDeadLetters(),
      'show dead letters': () => projection.refresh(),
      'queue notifications': () => webhooks.queueSettled(),
      'keep shares fair': () => fairShares.moveSome(),
      'remove old requests': () => this.#removeOld(),
    };
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

  /** One round, whichever worker holds the lease. A task that fails keeps none of the others from being done. */
  async reconcile(): Promise<void> {
    for (const [task, run] of Object.entries(this.#tasks)) {
      await run().catch((error: unknown) => {
        if (this.#closing.signal.aborted) return;
        this.options.logger.error({ err: error, task }, 'maintenance task failed');
      });
    }
  }

  async #takeOverDeadLetters(): Promise<void> {
    const letters = await this.options.projection.takeOver();
    this.#knowsAllDeadLetters = true;
    if (letters > 0) this.options.logger.info({ letters }, 'dead letters of an earlier version taken over');
  }

  /** Not before it is known which requests have dead letters. */
  async #removeOld(): Promise<void> {
    const { retention, keepMs } = this.options;
    if (this.#knowsAllDeadLetters) await retention.removeSome(keepMs, retentionBudgetMs);
  }

  async #run(): Promise<void> {
    const { logger, everyMs = 3_000 } = this.options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        if (await this.#holdsLease(everyMs)) await this.reconcile();
      } catch (error) {
        if (!signal.aborted) logger.error({ err: error }, 'maintenance failed');
      }
      await sleep(everyMs, undefined, { signal }).catch(() => {}); // aborted: the loop ends
    }
  }

  /** The lease outlasts a few rounds, so that a dead worker's tasks are soon another's. */
  async #holdsLease(everyMs: number): Promise<boolean> {
    const { client, ledger } = this.options;
    const key = ledger.keys.lease('reconcile');
    const leaseMs = everyMs * 3;
    if ((await client.set(key, this.#identity, 'PX', leaseMs, 'NX')) === 'OK') return true;
    if ((await client.get(key)) !== this.#identity) return false;
    await client.pexpire(key, leaseMs);
    return true;
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
