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
const examplesLogged = 5;

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
    const { view, logger } = this.options;
    const requeued: string[] = [];
    for (const jobId of await view.findMissing(this.#suspects)) {
      if (await this.#requeue(jobId)) requeued.push(jobId);
    }
    if (requeued.length > 0) {
      // One line for all: whoever empties a queue does it to thousands.
      const examples = requeued.slice(0, examplesLogged);
      logger.warn({ jobs: requeued.length, examples }, 'jobs were missing from the queue: added again');
    }
    this.#suspects = await view.findMissing(await this.#nextUnfinished());
  }

  /** False when there is nothing left to do for it. */
  async #requeue(jobId: string): Promise<boolean> {
    const { jobReader, queue } = this.options;
    const ref = parseJobId(jobId);
    const outline = ref === undefined ? undefined : await jobReader.outline(ref.requestId);
    if (ref === undefined || outline === undefined) return false;
    const [job] = await jobReader.jobs(ref.requestId, ref.position, ref.position + 1);
    if (job === undefined || !isUnfinished(job)) return false; // settled since the first look
    await queue.queue.remove(jobId); // what is left of it would keep the new one out
    await queue.add(outline.requestId, outline.priority, [job]);
    return true;
  }

  async #nextUnfinished(): Promise<string[]> {
    const { jobReader } = this.options;
    const found: string[] = [];
    let looked = 0;
    const requests = await jobReader.openRequests(this.#nextRequest, requestsPerRound);
    for (const requestId of requests) {
      if (looked >= jobsPerRound) return found;
      // Jobs that are still being added are not missing; those that nobody adds are found another way.
      const jobs = (await jobReader.isUnqueued(requestId))
        ? 0
        : ((await jobReader.outline(requestId))?.jobs ?? 0);
      const to = Math.min(jobs, this.#nextPosition + jobsPerRound - looked);
      const looks = await jobReader.standings(requestId, this.#nextPosition, to);
      for (const job of looks) {
        if (isUnfinished(job)) found.push(jobIdOf({ requestId, position: job.position }, job.round));
      }
      looked += to - this.#nextPosition;
      // Of one whose count of jobs was changed by hand, nothing more comes.
      if (to < jobs && looks.length > 0) {
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
