import { LimiterCloud } from './limiter-cloud.js';
import { LimiterWorker, type LimiterWorkerOptions } from './limiter-fleet.js';
import { PrivateRedis } from './private-redis.js';

export interface LimiterSceneOptions {
  /** One entry for each process. */
  readonly workers: readonly Partial<LimiterWorkerOptions>[];
  readonly appendOnly?: boolean;
  /** Calls that the cloud lets through in each second; default any number. */
  readonly quota?: number;
}

/** A Redis, a cloud and some processes that call it, all of one test's own. */
export class LimiterScene {
  private constructor(
    readonly redis: PrivateRedis,
    readonly cloud: LimiterCloud,
    readonly workers: readonly LimiterWorker[],
  ) {}

  static async start(options: LimiterSceneOptions): Promise<LimiterScene> {
    const redis = await PrivateRedis.start({ appendOnly: options.appendOnly ?? false });
    const cloud = await LimiterCloud.listen(options.quota);
    const workers = options.workers.map(
      (worker) => new LimiterWorker({ redisUrl: redis.url, cloudPort: cloud.port, ...worker }),
    );
    return new LimiterScene(redis, cloud, workers);
  }

  /** The port that each worker calls from is told by its calls: waits until all have called. */
  async allCalling(): Promise<void> {
    const seen = new Set<number>();
    while (seen.size < this.workers.length) {
      const [call] = await this.cloud.next(1);
      if (call !== undefined) seen.add(call.from);
    }
  }

  worker(index: number): LimiterWorker {
    const worker = this.workers[index];
    if (worker === undefined) throw new Error(`there is no worker ${index}`);
    return worker;
  }

  /** Ends everything. Returns the errors that nobody caught; there must be none. */
  async stop(): Promise<string[]> {
    await Promise.all(this.workers.map((worker) => worker.kill()));
    this.cloud.close();
    await this.redis.stop();
    return this.workers.flatMap(({ unhandled }) => unhandled);
  }
}
