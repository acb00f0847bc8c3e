/** The limiter was closed while, or before, a slot was waited for. */
export class CallLimiterClosedError extends Error {
  readonly code = 'CALL_LIMITER_CLOSED';
  override readonly name = 'CallLimiterClosedError';

  constructor() {
    super('The call limiter is closed.');
  }
}
