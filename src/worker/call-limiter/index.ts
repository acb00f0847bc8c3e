export type { CallLimiter, CallLimiterStats, CallSlot } from './call-limiter.js';
export { CallLimiterClosedError } from './call-limiter-closed-error.js';
export { BottleneckChangedError } from './hardened-scripts.js';
export type { LimiterLogger } from './limiter-logger.js';
export {
  createSharedCallLimiter,
  type SharedCallLimiter,
  type SharedCallLimiterOptions,
} from './shared-call-limiter.js';
