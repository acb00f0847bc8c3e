import { CancelProducer } from '../../src/producer/index.js';
import { PoolLedger } from '../../src/shared/ledger/index.js';
import { poolJobIdOf } from '../../src/shared/pool-job.js';
import { redisKeys } from '../../src/shared/redis-keys.js';
import { loadTracing } from '../../src/shared/tracing/tracing.js';
import type { CancelWorkerOptions } from '../../src/worker/cancel-worker.js';
import { type Installation, testRegion } from '../support/installation.js';
import type { Install } from '../support/installed-test.js';

/** An installation whose producer and workers are traced, or are not. The producer is closed by the caller. */
export class TracedInstallation {
  private constructor(
    readonly installation: Installation,
    readonly producer: CancelProducer,
    private readonly isTraced: boolean,
  ) {}

  static async start(install: Install, isTraced = true): Promise<TracedInstallation> {
    const installation = await install({ workers: 0 });
    const { redisUrl, prefix: queuePrefix } = installation;
    const producer = await CancelProducer.connect({
      redisUrl,
      queuePrefix,
      defaultRegion: testRegion,
      ...(isTraced ? { tracing: true } : {}),
    });
    return new TracedInstallation(installation, producer, isTraced);
  }

  async startWorker(changes: Partial<CancelWorkerOptions> = {}): Promise<void> {
    this.installation.startWorker({ tracing: await loadTracing(this.isTraced), ...changes });
  }

  /** Enqueues a request for these instances of one invocation; accepted is enough for it. */
  async enqueue(invocationId: string, instanceIds: readonly string[]): Promise<string> {
    const targets = [{ invocationId, instanceIds: [...instanceIds] }];
    return (await this.producer.enqueue({ targets, confirm: false })).requestId;
  }

  /** Everything that Redis holds of the job that stands for an invocation. */
  async storedJob(invocationId: string): Promise<Record<string, string>> {
    const { redis, prefix } = this.installation;
    const pool = { region: testRegion, invocationId };
    const generation = (await new PoolLedger(redis, prefix).generationOf(pool)) ?? 0;
    return await redis.hgetall(`${prefix}:tat-cancel:${poolJobIdOf({ ...pool, generation })}`);
  }

  /** What the ledger holds of a request's trace. */
  async storedTrace(requestId: string): Promise<string | null> {
    const { redis, prefix } = this.installation;
    return await redis.hget(redisKeys(prefix).request(requestId), 'trace');
  }
}
