import { type CancelProducer, EnqueueError, type RequestProgress } from '../../producer/index.js';

/** @throws {EnqueueError} `REQUEST_NOT_FOUND` */
export async function readKnown(producer: CancelProducer, requestId: string): Promise<RequestProgress> {
  const progress = await producer.status(requestId);
  if (progress !== undefined) return progress;
  throw new EnqueueError(
    'REQUEST_NOT_FOUND',
    `No request ${requestId} is known. Finished ones are kept for a time only; each installation has its own QUEUE_PREFIX.`,
  );
}
