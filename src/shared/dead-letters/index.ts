export * from './dead-letter-export.js';
export { type DeadLetterFilter, instancesOf, isCursor, type StoredDeadLetter } from './dead-letter-filter.js';
export * from './dead-letter-store.js';
export * from './dead-letters.js';
export { DeadLetterProjection } from './projection.js';
