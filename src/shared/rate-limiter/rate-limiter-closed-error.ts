/** The rate limiter was closed while, or before, a permit was waited for. */
export class RateLimiterClosedError extends Error {
  readonly code = 'RATE_LIMITER_CLOSED';
  override readonly name = 'RateLimiterClosedError';

  constructor() {
    super('The rate limiter is closed.');
  }
}
