export { createRateLimiter, type RateLimiterOptions } from './bottleneck-rate-limiter.js';
export { BottleneckChangedError } from './hardened-scripts.js';
export type { LimiterLogger } from './limiter-logger.js';
export type { AcquireOptions, Permit, RateLimiter, RateLimiterStats } from './rate-limiter.js';
export { RateLimiterClosedError } from './rate-limiter-closed-error.js';
