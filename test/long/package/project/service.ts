import { CancelProducer, type RequestProgress } from 'tat-cancel';

const { REDIS_URL = '', QUEUE_PREFIX = '' } = process.env;
const producer = await CancelProducer.connect({ redisUrl: REDIS_URL, queuePrefix: QUEUE_PREFIX });
const { requestId } = await producer.enqueue({
  targets: [{ invocationId: process.argv[2] ?? '', region: 'ap-singapore' }],
});
const progress: RequestProgress = await producer.waitUntilFinished(requestId);
process.stdout.write(JSON.stringify(progress.counts));
await producer.close();
