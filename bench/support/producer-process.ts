import { CancelProducer, type CancelRequest } from '../../src/producer/index.js';
import type { BenchTarget } from './api-process.js';
import { answerParent } from './helper-process.js';
import { monotonicMs } from './monotonic-clock.js';
import { seededShuffle } from './seeded-shuffle.js';

// Enqueues, in a process of its own, so that making requests slows down neither workers nor the API.

let producer: CancelProducer | undefined;

function connected(): CancelProducer {
  if (producer === undefined) throw new Error('the producer is not connected');
  return producer;
}

const api = {
  async connect({ redisUrl }: { redisUrl: string }): Promise<void> {
    producer = await CancelProducer.connect({ redisUrl, timeoutMs: 30_000 });
  },

  /** Says when enqueueing began. */
  async enqueue(request: CancelRequest): Promise<number> {
    const beganAtMs = monotonicMs();
    await connected().enqueue(request);
    return beganAtMs;
  },

  /** Each instance as a request of its own, in a random order, so many at a time. */
  async enqueueSingles(input: {
    targets: BenchTarget[];
    seed: number;
    atATime: number;
    confirm?: boolean;
  }): Promise<{ beganAtMs: number; tookMs: number }> {
    const singles = input.targets.flatMap(({ region, invocationId, instanceIds }) =>
      instanceIds.map((id) => ({ region, invocationId, instanceIds: [id] })),
    );
    seededShuffle(singles, input.seed);
    const beganAtMs = monotonicMs();
    let next = 0;
    const enqueueSome = async () => {
      while (next < singles.length) {
        const target = singles[next++];
        if (target === undefined) return;
        await connected().enqueue({ targets: [target], confirm: input.confirm ?? true });
      }
    };
    await Promise.all(Array.from({ length: input.atATime }, enqueueSome));
    return { beganAtMs, tookMs: monotonicMs() - beganAtMs };
  },

  async close(): Promise<void> {
    await producer?.close();
    producer = undefined;
  },
};

export type ProducerProcess = typeof api;

answerParent(api);
