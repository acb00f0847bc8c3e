import { type Job, type Processor, Worker, type WorkerOptions } from 'bullmq';
import type { CancelJobData } from '../shared/schemas.js';

/** What a job carries when its data in Redis cannot be read. */
export interface UnreadableData {
  readonly unreadable: string;
}

type CancelJobContent = CancelJobData | UnreadableData;

/** Jobs that are taken before the first one is begun. */
const firstJobs = 10;

/**
 * BullMQ's worker throws when the data of a job is not JSON and then tries the same job again, for ever. This one
 * hands it to the processor like any other, with what was found in place of the data.
 *
 * BullMQ's also takes as many jobs as it may hold, one after the other, before it begins the first: hundreds of round
 * trips, which are half a minute where Redis is far. This one may hold few at first, and one more with each that begins.
 */
export class TolerantWorker extends Worker<CancelJobContent, string> {
  constructor(
    name: string,
    processor: Processor<CancelJobContent, string>,
    options: WorkerOptions & { readonly concurrency: number },
  ) {
    const { concurrency: most } = options;
    const begin: Processor<CancelJobContent, string> = async (job, token, signal) => {
      if (this.concurrency < most) this.concurrency += 1;
      return await processor(job, token, signal);
    };
    super(name, begin, { ...options, concurrency: Math.min(firstJobs, most) });
  }

  protected override createJob(
    ...[json, jobId]: Parameters<Worker['createJob']>
  ): Job<CancelJobContent, string> {
    try {
      return super.createJob(json, jobId);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const data: UnreadableData = { unreadable: String(json.data).slice(0, 500) };
      return super.createJob(
        { ...json, data: JSON.stringify(data), opts: '{}', stacktrace: '[]', returnvalue: '' } as typeof json,
        jobId,
      );
    }
  }
}
