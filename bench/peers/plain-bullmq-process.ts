import { type JobsOptions, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { createCredentialSource } from '../../src/cloud/credentials/credential-source.js';
import { createSdkTatClient } from '../../src/cloud/sdk-tat-client.js';
import type { BenchTarget } from '../support/api-process.js';
import { answerParent } from '../support/helper-process.js';
import { monotonicMs } from '../support/monotonic-clock.js';
import { seededShuffle } from '../support/seeded-shuffle.js';

// What one would build on BullMQ without this project: a job for each instance, a call for each job. One process of this
// module enqueues, others work.

interface PlainJob {
  readonly region: string;
  readonly invocationId: string;
  readonly instanceId: string;
}

const options: JobsOptions = {
  attempts: 10,
  backoff: { type: 'exponential', delay: 500 },
  removeOnComplete: { count: 1_000 },
};
let queue: Queue<PlainJob> | undefined;

const jobsPerPipeline = 1_000;

const api = {
  async connect({ queueName, redisUrl }: { queueName: string; redisUrl: string }): Promise<void> {
    queue = new Queue<PlainJob>(queueName, {
      connection: new Redis(redisUrl, { maxRetriesPerRequest: null }),
    });
    await queue.waitUntilReady();
  },

  /** Each instance as a job, in a random order. */
  async enqueueSingles({ targets, seed }: { targets: BenchTarget[]; seed: number }) {
    const jobs = targets.flatMap(({ region, invocationId, instanceIds }) =>
      instanceIds.map((instanceId) => ({
        name: 'cancel',
        data: { region, invocationId, instanceId },
        opts: options,
      })),
    );
    seededShuffle(jobs, seed);
    const beganAtMs = monotonicMs();
    for (let from = 0; from < jobs.length; from += jobsPerPipeline) {
      await queue?.addBulk(jobs.slice(from, from + jobsPerPipeline));
    }
    return { beganAtMs, tookMs: monotonicMs() - beganAtMs };
  },

  async enqueue({ target, priority }: { target: BenchTarget; priority?: number }): Promise<number> {
    const { region, invocationId, instanceIds } = target;
    const beganAtMs = monotonicMs();
    const data = { region, invocationId, instanceId: instanceIds[0] ?? '' };
    await queue?.add('cancel', data, { ...options, ...(priority === undefined ? {} : { priority }) });
    return beganAtMs;
  },

  async work(input: {
    queueName: string;
    redisUrl: string;
    endpoint: string;
    concurrency: number;
    isLimited: boolean;
  }): Promise<void> {
    const client = createSdkTatClient({
      endpoint: input.endpoint,
      timeoutMs: 10_000,
      credentials: createCredentialSource({ secretId: 'AKIDSIMULATOR', secretKey: 'simulator-secret-key' }),
    });
    const worker = new Worker<PlainJob>(
      input.queueName,
      async ({ data: { region, invocationId, instanceId } }) => {
        const result = await client.cancelInvocation({ region, invocationId, instanceIds: [instanceId] });
        if (!result.ok) throw new Error(result.failure.code);
      },
      {
        connection: new Redis(input.redisUrl, { maxRetriesPerRequest: null }),
        concurrency: input.concurrency,
        ...(input.isLimited ? { limiter: { max: 20, duration: 1_000 } } : {}),
      },
    );
    await worker.waitUntilReady();
  },
};

export type PlainBullmqProcess = typeof api;

answerParent(api);
