import type { RedisClient } from '../redis-connection.js';
import { type RedisKeys, redisKeys } from '../redis-keys.js';
import { JobReader, type LedgerJob } from './job-reader.js';
import { type InstanceState, movedLetter, stateOf, taskStatusOf } from './outcome.js';

/** One instance of one request, and what became of it. */
export interface InstanceRecord {
  readonly requestId: string;
  readonly region: string;
  readonly invocationId: string;
  /** Left out while a whole invocation is asked for and its members are not known yet. */
  readonly instanceId?: string;
  readonly state: InstanceState;
  /** As the read-back saw it at the end. */
  readonly taskStatus?: string;
  /** Of the call that the cloud accepted for it. */
  readonly cloudRequestId?: string;
}

const jobsPerLook = 100;

/** Reads the outcome of single instances from the ledger. */
export class InstanceReader {
  readonly #keys: RedisKeys;
  readonly #jobs: JobReader;

  constructor(
    private readonly client: RedisClient,
    prefix?: string,
  ) {
    this.#keys = redisKeys(prefix);
    this.#jobs = new JobReader(client, prefix);
  }

  /**
   * The instances of a request in the order in which they were asked for, a whole job at a time, so a page can be
   * longer than `limit`. `nextCursor` leads on to the next page and is left out on the last one.
   */
  async list(
    requestId: string,
    page: { cursor?: number; limit: number },
    states?: ReadonlySet<InstanceState>,
  ): Promise<{ instances: InstanceRecord[]; nextCursor?: number }> {
    const outline = await this.#jobs.outline(requestId);
    const instances: InstanceRecord[] = [];
    let position = page.cursor ?? 0;
    while (outline !== undefined && position < outline.jobs) {
      const jobs = await this.#jobs.jobs(requestId, position, Math.min(position + jobsPerLook, outline.jobs));
      for (const job of jobs) {
        for (const record of recordsOf(requestId, job)) {
          if (states === undefined || states.has(record.state)) instances.push(record);
        }
        position = job.position + 1;
        if (instances.length >= page.limit) {
          return position < outline.jobs ? { instances, nextCursor: position } : { instances };
        }
      }
      if (jobs.length === 0) break;
    }
    return { instances };
  }

  /** What became of an instance in the latest requests that asked for it, the newest first. */
  async find(instanceId: string): Promise<InstanceRecord[]> {
    const refs = await this.client.hget(this.#keys.instances(instanceId), instanceId);
    const found = await Promise.all(
      (refs ?? '')
        .split(' ')
        .filter(Boolean)
        .map((ref) => this.#findIn(ref, instanceId)),
    );
    return found.flat().reverse();
  }

  async #findIn(ref: string, instanceId: string): Promise<InstanceRecord[]> {
    const [sequence = '', position = ''] = ref.split('.');
    const [requestId] = await this.client.zrangebyscore(this.#keys.requests, sequence, sequence);
    if (requestId === undefined) return [];
    const jobs = await this.#jobs.jobs(requestId, Number(position), Number(position) + 1);
    return jobs.flatMap((job) =>
      [...recordsOf(requestId, job)].filter((record) => record.instanceId === instanceId),
    );
  }
}

function* recordsOf(requestId: string, job: LedgerJob): Generator<InstanceRecord> {
  for (const [index, letter] of [...job.letters].entries()) {
    if (letter === movedLetter) continue; // counted with the job that it was moved to
    const instanceId = job.instanceIds?.[index];
    const taskStatus = taskStatusOf(letter);
    const wasAccepted = letter !== 'w' && letter !== 's' && letter !== 'x';
    yield {
      requestId,
      region: job.region,
      invocationId: job.invocationId,
      ...(instanceId === undefined ? {} : { instanceId }),
      state: stateOf(letter),
      ...(taskStatus === undefined ? {} : { taskStatus }),
      ...(wasAccepted && job.cloudRequestId !== undefined ? { cloudRequestId: job.cloudRequestId } : {}),
    };
  }
}
