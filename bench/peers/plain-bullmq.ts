import type { BenchScene } from '../support/bench-scene.js';
import { HelperProcess } from '../support/helper-process.js';
import type { PlainBullmqProcess } from './plain-bullmq-process.js';

export const plainBullmq = 'plain BullMQ';
export const plainQueueName = 'plain';

const defaultConcurrency = 50;

/** A process that puts jobs into the plain queue. */
export async function startPlainProducer(scene: BenchScene): Promise<HelperProcess<PlainBullmqProcess>> {
  const producer = scene.own(startProcess());
  await producer.ask('connect', { queueName: plainQueueName, redisUrl: scene.redis.url });
  return producer;
}

/** Workers of the plain queue, with BullMQ's own limiter or without any. */
export async function startPlainWorkers(
  scene: BenchScene,
  count: number,
  { isLimited }: { isLimited: boolean },
): Promise<HelperProcess<PlainBullmqProcess>[]> {
  const workers = Array.from({ length: count }, () => scene.own(startProcess()));
  const { endpoint, redis } = scene;
  await Promise.all(
    workers.map((worker) =>
      worker.ask('work', {
        queueName: plainQueueName,
        redisUrl: redis.url,
        endpoint,
        concurrency: defaultConcurrency,
        isLimited,
      }),
    ),
  );
  return workers;
}

function startProcess(): HelperProcess<PlainBullmqProcess> {
  return HelperProcess.start<PlainBullmqProcess>(new URL('./plain-bullmq-process.ts', import.meta.url));
}
