import { callRate, LimiterCloud } from './limiter-cloud.js';
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
  readonly workers: LimiterWorker[] = [];

  private constructor(
    readonly redis: PrivateRedis,
    readonly cloud: LimiterCloud,
  ) {}

  static async start(options: LimiterSceneOptions): Promise<LimiterScene> {
    const redis = await PrivateRedis.start({ appendOnly: options.appendOnly ?? false });
    const cloud = await LimiterCloud.listen(options.quota);
    const scene = new LimiterScene(redis, cloud);
    for (const worker of options.workers) scene.addWorker(worker);
    return scene;
  }

  /** The port that each worker calls from is told by its calls: waits until all have called. */
  async allCalling(): Promise<void> {
    const seen = new Set<number>();
    while (seen.size < this.workers.length) {
      const [call] = await this.cloud.next(1);
      if (call !== undefined) seen.add(call.from);
    }
  }

  /**
   * Resolves once calls have come at this rate for so long. Waits until then: on a machine that is busy with other
   * tests, permits come too late now and then.
   */
  async untilRate(callsPerSecond: number, forMs: number): Promise<void> {
    const first = this.cloud.calls.length;
    for (;;) {
      const [latest] = await this.cloud.next(1);
      const since = (latest?.at ?? 0) - forMs;
      const start = this.cloud.calls.findLastIndex(({ at }) => at <= since);
      if (start < first) continue;
      if (callRate(this.cloud.calls.slice(start)) >= callsPerSecond) return;
    }
  }

  /** The processes that are alive and not stopped. */
  get #reachable(): LimiterWorker[] {
    return this.workers.filter(({ process }) => process.exitCode === null && process.signalCode === null);
  }

  /** Permits that came too late to be used, over all processes. */
  async latePermits(): Promise<number> {
    const stats = await Promise.all(this.#reachable.map((worker) => worker.stats()));
    return stats.reduce((sum, { late }) => sum + late, 0);
  }

  addWorker(options: Partial<LimiterWorkerOptions>): void {
    this.workers.push(
      new LimiterWorker({ redisUrl: this.redis.url, cloudPort: this.cloud.port, ...options }),
    );
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
