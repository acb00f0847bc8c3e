import { CancelProducer } from 'tat-cancel';

const producer = await CancelProducer.connect();
// @ts-expect-error targets are a list
await producer.enqueue({ targets: 'all of them' });
// @ts-expect-error a key of the request is misspelt
await producer.enqueue({ targets: [], prioritty: 'urgent' });
