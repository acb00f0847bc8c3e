import type { CancelQueue } from '../shared/cancel-queue.js';
import type { CancelQueueView } from '../shared/cancel-queue-view.js';
import { jobIdOf, parseJobId } from '../shared/job-ref.js';
import { isUnfinished, type JobReader } from '../shared/ledger/index.js';
import type { Logger } from '../shared/logger.js';

export interface MissingJobsOptions {
  readonly jobReader: JobReader;
  readonly queue: CancelQueue;
  readonly view: CancelQueueView;
  readonly logger: Logger;
}

const requestsPerRound = 50;
const jobsPerRound = 2_000;

/**
 * Finds jobs that the ledger counts on and the queue has lost (drained, evicted, removed by hand) and adds them again.
 * It goes through the open requests piece by piece, so that a backlog of any size costs the same each time.
 */
export class MissingJobs {
  /** Found nowhere in the last round. A single look can fall between two places, so a second one decides. */
  #suspects: string[] = [];
  #nextRequest = 0;
  #nextPosition = 0;

  constructor(private readonly options: MissingJobsOptions) {}

  async requeueSome(): Promise<void> {
    const { view } = this.options;
    for (const jobId of await view.findMissing(this.#suspects)) await this.#requeue(jobId);
    this.#suspects = await view.findMissing(await this.#nextUnfinished());
  }

  async #requeue(jobId: string): Promise<void> {
    const { jobReader, queue, logger } = this.options;
    const ref = parseJobId(jobId);
    const outline = ref === undefined ? undefined : await jobReader.outline(ref.requestId);
    if (ref === undefined || outline === undefined) return;
    const [job] = await jobReader.jobs(ref.requestId, ref.position, ref.position + 1);
    if (job === undefined || !isUnfinished(job)) return; // settled since the first look
    await queue.queue.remove(jobId); // what is left of it would keep the new one out
    await queue.add(outline.requestId, outline.priority, [job]);
    logger.warn({ jobId }, 'job was missing from the queue: added again');
  }

  async #nextUnfinished(): Promise<string[]> {
    const { jobReader } = this.options;
    const found: string[] = [];
    let looked = 0;
    const requests = await jobReader.openRequests(this.#nextRequest, requestsPerRound);
    for (const requestId of requests) {
      // Jobs that are still being added are not missing; those that nobody adds are found another way.
      const jobs = (await jobReader.isUnqueued(requestId))
        ? 0
        : ((await jobReader.outline(requestId))?.jobs ?? 0);
      const to = Math.min(jobs, this.#nextPosition + jobsPerRound - looked);
      for (const job of await jobReader.jobs(requestId, this.#nextPosition, to)) {
        if (isUnfinished(job)) found.push(jobIdOf({ requestId, position: job.position }, job.round));
      }
      looked += to - this.#nextPosition;
      if (to < jobs) {
        this.#nextPosition = to;
        return found;
      }
      this.#nextRequest += 1;
      this.#nextPosition = 0;
    }
    if (requests.length < requestsPerRound) this.#nextRequest = 0;
    return found;
  }
}
