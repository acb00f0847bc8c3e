import type { Job } from 'bullmq';
import { isDamagedData } from '../shared/damaged-data.js';
import type { DeadLetterQueue } from '../shared/dead-letter-queue.js';
import { formatJobRef, type JobRef, parseJobId } from '../shared/job-ref.js';
import type { Ledger, ReadyStanding, Standing } from '../shared/ledger/index.js';
import type { Logger } from '../shared/logger.js';
import { type CancelJobData, cancelJobDataSchema, describeIssues } from '../shared/schemas.js';
import { buryJob } from './bury-job.js';
import type { CallDispatcher } from './call-dispatcher.js';
import { settleJob } from './settle-job.js';
import type { UnreadableData } from './tolerant-worker.js';
import type { CallTracer } from './tracing/call-tracer.js';
import { damaged, type JobVerdict, verdictOf } from './verdict.js';

export interface CancelJobProcessorOptions {
  readonly ledger: Ledger;
  readonly deadLetters: DeadLetterQueue;
  /** The dispatcher whose limiter covers calls for this region. */
  readonly dispatcherFor: (region: string) => CallDispatcher;
  /** Knows the job while it waits for its call. */
  readonly callTracer?: CallTracer | undefined;
  readonly logger: Logger;
  readonly workerName: string;
}

const mostRemembered = 10_000;

type CancelJob = Job<CancelJobData | UnreadableData, string>;

/** What BullMQ calls for each job: checks it against the ledger, waits for its call, and turns the verdict into a move. */
export class CancelJobProcessor {
  /** Told of already: they come again every few seconds. */
  readonly #damagedJobs = new Set<string>();

  constructor(private readonly options: CancelJobProcessorOptions) {}

  readonly process = async (job: CancelJob, token?: string): Promise<string> => {
    return await settleJob(job, token, await this.#judge(job));
  };

  async #judge(job: CancelJob): Promise<JobVerdict> {
    const jobId = String(job.id);
    const ref = parseJobId(jobId);
    const complaint = ref === undefined ? 'its id names no request' : findFault(job, ref);
    if (complaint !== undefined) return await this.#bury(job, ref, `The job cannot be used: ${complaint}.`);
    const standing = await this.#join(jobId, ref as JobRef);
    if (standing === undefined) return damaged;
    if (standing.kind === 'ready') {
      return await this.#submit(jobId, ref as JobRef, standing);
    }
    if (standing.kind === 'gone') {
      return await this.#bury(job, ref, 'No request in the ledger knows this job.');
    }
    return verdictOf(standing);
  }

  async #submit(jobId: string, ref: JobRef, standing: ReadyStanding): Promise<JobVerdict> {
    const { callTracer, dispatcherFor } = this.options;
    const submit = () => dispatcherFor(standing.region).submit(jobId, ref, standing);
    return await (callTracer === undefined ? submit() : callTracer.hold(formatJobRef(ref), submit));
  }

  /** Undefined when the ledger cannot tell because somebody has changed it by hand. */
  async #join(jobId: string, ref: JobRef): Promise<Standing | undefined> {
    try {
      return await this.options.ledger.join(ref);
    } catch (error) {
      if (!isDamagedData(error)) throw error;
      if (this.#damagedJobs.size > mostRemembered) this.#damagedJobs.clear();
      if (!this.#damagedJobs.has(jobId)) {
        this.options.logger.error(
          { err: error, jobId },
          'the ledger is damaged where it holds this job: it waits',
        );
      }
      this.#damagedJobs.add(jobId);
      return undefined;
    }
  }

  async #bury(job: CancelJob, ref: JobRef | undefined, message: string): Promise<JobVerdict> {
    const { ledger, deadLetters, logger, workerName } = this.options;
    logger.error({ jobId: job.id, reason: message }, 'job cannot be used');
    const reason = { code: 'InvalidJobData', message };
    await buryJob(
      { jobId: String(job.id), ref, data: job.data, reason },
      { ledger, deadLetters, workerName },
    );
    return { kind: 'done' };
  }
}

/**
 * Undefined for a job that can be used. One whose hash is gone from Redis comes with no data at all: its id is enough
 * to find everything in the ledger.
 */
function findFault(job: CancelJob, ref: JobRef): string | undefined {
  if (typeof job.data === 'object' && job.data !== null && 'unreadable' in job.data) {
    return 'its data in Redis is not JSON';
  }
  if (job.name === undefined || (job.name === null && Object.keys(job.data ?? {}).length === 0))
    return undefined;
  const parsed = cancelJobDataSchema.safeParse(job.data);
  if (!parsed.success) {
    return describeIssues(parsed.error, 'data')
      .map(({ path, message }) => `${path} ${message}`)
      .join('; ');
  }
  if (parsed.data.requestId !== ref.requestId || parsed.data.position !== ref.position) {
    return 'its data names another request or position than its id';
  }
  return undefined;
}
