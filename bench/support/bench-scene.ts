import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { PrivateRedis } from '../../test/support/private-redis.js';
import type { ApiProcess } from './api-process.js';
import { CommandProcess } from './command-process.js';
import { HelperProcess } from './helper-process.js';
import type { ProducerProcess } from './producer-process.js';

export interface SceneOptions {
  /** From arrival to answer; default 0. */
  readonly latencyMs?: number;
  /** What the API admits; default 20, 0 for no limit. */
  readonly callsPerSecond?: number;
}

interface Stoppable {
  readonly pid: number;
  stop(): Promise<unknown>;
}

/** A Redis, an API and a producer of a bench's own, each in its own process, and whatever is started beside them. */
export class BenchScene {
  readonly #started: Stoppable[] = [];
  #workers = 0;

  private constructor(
    readonly redis: PrivateRedis,
    readonly redisClient: Redis,
    readonly api: HelperProcess<ApiProcess>,
    readonly endpoint: string,
    readonly producer: HelperProcess<ProducerProcess>,
  ) {}

  /** Runs a bench in a scene and stops all of it afterwards, whatever happens. */
  static async with<Result>(
    options: SceneOptions,
    run: (scene: BenchScene) => Promise<Result>,
  ): Promise<Result> {
    const scene = await BenchScene.#start(options);
    const kill = () => scene.#kill();
    process.on('exit', kill); // a bench that is interrupted leaves nothing behind either
    try {
      return await run(scene);
    } finally {
      await scene.#stop();
      process.off('exit', kill);
    }
  }

  static async #start({ latencyMs = 0, callsPerSecond = 20 }: SceneOptions): Promise<BenchScene> {
    const redis = await PrivateRedis.start({ directives: [['appendfsync', 'everysec']] });
    const client = new Redis(redis.url);
    const api = HelperProcess.start<ApiProcess>(new URL('./api-process.ts', import.meta.url));
    const producer = HelperProcess.start<ProducerProcess>(new URL('./producer-process.ts', import.meta.url));
    const endpoint = await api.ask('start', { latencyMs, callsPerSecond });
    const scene = new BenchScene(redis, client, api, endpoint, producer);
    await producer.ask('connect', { redisUrl: redis.url });
    return scene;
  }

  /** What the processes of the built command read. */
  get environment(): Record<string, string> {
    return {
      REDIS_URL: this.redis.url,
      TAT_ENDPOINT: this.endpoint,
      TENCENTCLOUD_SECRET_ID: 'AKIDSIMULATOR',
      TENCENTCLOUD_SECRET_KEY: 'simulator-secret-key',
      LOG_LEVEL: 'warn',
    };
  }

  /** Starts workers and resolves when all of them have reported for work. */
  async startWorkers(
    count: number,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<CommandProcess[]> {
    const workers = Array.from({ length: count }, () =>
      this.own(CommandProcess.start(['worker'], { ...this.environment, ...environment })),
    );
    this.#workers += count;
    const deadline = Date.now() + 30_000;
    while ((await this.redisClient.hlen('{tat-cancel}:workers')) < this.#workers) {
      if (Date.now() > deadline) throw new Error('the workers did not start within 30 s');
      await sleep(50);
    }
    return workers;
  }

  /** Will be stopped with the scene. */
  own<Process extends Stoppable>(process: Process): Process {
    this.#started.push(process);
    return process;
  }

  /** Bytes that Redis' data takes, its buffers for replication and the append-only file aside. */
  async usedBytes(): Promise<number> {
    const info = await this.redisClient.info('memory');
    const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
    return field('used_memory') - field('mem_not_counted_for_evict') - field('mem_clients_normal');
  }

  #kill(): void {
    for (const { pid } of [...this.#started, this.producer, this.api, this.redis]) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // gone already
      }
    }
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#started.map((process) => process.stop()));
    await Promise.all([this.producer.stop(), this.api.stop()]);
    this.redisClient.disconnect();
    await this.redis.stop();
  }
}
