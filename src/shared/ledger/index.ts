export * from './instance-reader.js';
export * from './job-reader.js';
export { type Acceptance, Ledger } from './ledger.js';
export * from './outcome.js';
export * from './read-back-ledger.js';
export * from './request-status.js';
export { Retention } from './retention.js';
export * from './types.js';
export { WebhookLedger } from './webhook-ledger.js';
