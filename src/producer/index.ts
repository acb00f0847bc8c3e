export { EnqueueError, type EnqueueErrorCode, type Problem, RedisUnfitError } from '../shared/errors.js';
export type { InstanceRecord, InstanceState, RequestState, RequestStatus } from '../shared/ledger/index.js';
export type { CancelRequest, Priority, Target } from '../shared/schemas.js';
export {
  CancelProducer,
  type CancelProducerOptions,
  type EnqueuedRequest,
  type EnqueueOptions,
} from './cancel-producer.js';
export type { RequestProgress } from './request-progress.js';
