import type { Redis } from 'ioredis';
import { inject } from 'vitest';
import { CancelProducer } from '../../src/producer/index.js';
import { DeadLetterStore } from '../../src/shared/dead-letters/index.js';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.js';
import type { CancelWorker, CancelWorkerOptions } from '../../src/worker/cancel-worker.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from './test-prefix.js';
import { createTestWorker } from './test-worker.js';

export const testRegion = 'ap-singapore';

export interface InstallationOptions {
  readonly simulator?: SimulatorOptions;
  readonly worker?: Partial<CancelWorkerOptions>;
  /** How many workers in this process; default 1. */
  readonly workers?: number;
  readonly redisUrl?: string;
}

/** A producer, workers and the simulator on a key prefix of their own. */
export interface Installation {
  readonly prefix: string;
  readonly redisUrl: string;
  readonly simulator: Simulator;
  readonly producer: CancelProducer;
  readonly workers: CancelWorker[];
  readonly deadLetters: DeadLetterStore;
  /** A connection of the tests' own. */
  readonly redis: Redis;
  startWorker(changes?: Partial<CancelWorkerOptions>): CancelWorker;
  /** Ends everything. Safe to call twice. */
  close(): Promise<void>;
}

export async function startInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const redisUrl = options.redisUrl ?? inject('redisUrl');
  const prefix = freshPrefix();
  const simulator = createSimulator({ defaultRegion: testRegion, ...options.simulator });
  await simulator.start();
  const producer = await CancelProducer.connect({ redisUrl, queuePrefix: prefix, defaultRegion: testRegion });
  const redis = connectToTestRedis(redisUrl);
  const deadLetters = new DeadLetterStore(redis, prefix);
  redis.on('error', () => {}); // some tests take Redis away
  let closed: Promise<void> | undefined;
  const workers: CancelWorker[] = [];
  const startWorker = (changes: Partial<CancelWorkerOptions> = {}) => {
    const place = { redisUrl, prefix, simulatorUrl: simulator.url };
    const workerName = `test-worker-${workers.length}`;
    const worker = createTestWorker(place, { workerName, ...options.worker, ...changes });
    worker.start();
    workers.push(worker);
    return worker;
  };
  for (let started = 0; started < (options.workers ?? 1); started++) startWorker();
  return {
    prefix,
    redisUrl,
    simulator,
    producer,
    workers,
    deadLetters,
    redis,
    startWorker,
    close: () => {
      closed ??= (async () => {
        await Promise.all(workers.map((worker) => worker.close(0)));
        await producer.close();
        await removeKeysOf(redis, prefix);
        redis.disconnect();
        await simulator.close();
      })();
      return closed;
    },
  };
}
