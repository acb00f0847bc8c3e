// The process behind enqueueFromProcesses: waits for a word to begin, then sends one request many times at once.
import { once } from 'node:events';
import { CancelProducer } from '../../src/producer/index.js';
import type { EnqueuerInput } from './request-enqueuer.js';

const { redisUrl, prefix, request, times } = JSON.parse(process.argv[2] ?? '') as EnqueuerInput;
const producer = await CancelProducer.connect({
  redisUrl,
  queuePrefix: prefix,
  defaultRegion: 'ap-singapore',
});
process.send?.('ready');
await once(process, 'message');
process.send?.(await Promise.all(Array.from({ length: times }, () => producer.enqueue(request))));
await producer.close();
process.disconnect();
