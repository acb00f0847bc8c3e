import { type Job, Worker } from 'bullmq';
import type { CancelJobData } from '../shared/schemas.js';

/** What a job carries when its data in Redis cannot be read. */
export interface UnreadableData {
  readonly unreadable: string;
}

/**
 * BullMQ's worker throws when the data of a job is not JSON and then tries the same job again, for ever. This one
 * hands it to the processor like any other, with what was found in place of the data.
 */
export class TolerantWorker extends Worker<CancelJobData | UnreadableData, string> {
  protected override createJob(
    ...[json, jobId]: Parameters<Worker['createJob']>
  ): Job<CancelJobData | UnreadableData, string> {
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
