import type { Redis } from 'ioredis';
import { CancelProducer } from '../../../src/producer/index.js';
import { createRedisClient } from '../../../src/shared/redis-connection.js';
import { createSimulator, type Simulator } from '../../../src/simulator/index.js';
import type { CancelWorker } from '../../../src/worker/cancel-worker.js';
import { EventLoopLag } from '../event-loop-lag.js';
import { FaultWorker } from '../fault-worker.js';
import { PrivateRedis } from '../private-redis.js';
import { createTestWorker } from '../test-worker.js';
import { MixOperator } from './mix-operator.js';
import type { MixPace } from './mix-pace.js';

const region = 'ap-singapore';

/** Everything that a mix is played on: a Redis of its own, the simulated cloud, and workers in this process. */
export class MixStage {
  readonly prefix = '{mix}';
  readonly lag = new EventLoopLag();
  readonly operator: MixOperator;
  readonly #workers: CancelWorker[] = [];
  readonly #processes: FaultWorker[] = [];

  private constructor(
    readonly server: PrivateRedis,
    readonly simulator: Simulator,
    readonly producer: CancelProducer,
    private readonly redis: Redis,
    private readonly pace: MixPace,
  ) {
    this.operator = new MixOperator(redis, this.prefix);
  }

  static async start(seed: number, pace: MixPace): Promise<MixStage> {
    const server = await PrivateRedis.start({ directives: [['appendfsync', 'always']] });
    const simulator = createSimulator({ seed, callsPerSecond: 0, defaultRegion: region });
    await simulator.start();
    const producer = await CancelProducer.connect({
      redisUrl: server.url,
      queuePrefix: '{mix}',
      defaultRegion: region,
    });
    const redis = createRedisClient({ url: server.url, patience: 'patient' }) as Redis;
    redis.on('error', () => {}); // Redis goes away here
    return new MixStage(server, simulator, producer, redis, pace);
  }

  startWorkers(count: number): void {
    const place = { redisUrl: this.server.url, prefix: this.prefix, simulatorUrl: this.simulator.url };
    for (let started = 0; started < count; started++) {
      const { callsPerSecond } = this.pace;
      const workerName = `mix-${started}`;
      const worker = createTestWorker(place, { callsPerSecond, workerName, ...this.pace.worker });
      worker.start();
      this.#workers.push(worker);
    }
  }

  /** A worker in a process of its own, which can be killed. */
  async startProcess(): Promise<FaultWorker> {
    const { callsPerSecond } = this.pace;
    const worker = await FaultWorker.start({
      redisUrl: this.server.url,
      prefix: this.prefix,
      simulatorUrl: this.simulator.url,
      changes: { callsPerSecond, ...this.pace.worker },
    });
    this.#processes.push(worker);
    return worker;
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((worker) => worker.kill()));
    await Promise.all(this.#workers.map((worker) => worker.close(0)));
    await this.producer.close();
    this.redis.disconnect();
    await this.server.stop();
    await this.simulator.close();
    this.lag.stop();
  }
}
