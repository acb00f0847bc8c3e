import type { Failure } from '../shared/failure.js';

/** The command was called with arguments or input that cannot be used. `message` says what to do instead. */
export class UsageError extends Error {
  readonly code = 'USAGE';
  override readonly name = 'UsageError';
}

/** A call to the cloud failed for good. `message` says what to do. */
export class CloudCallError extends Error {
  readonly code = 'CLOUD_CALL_FAILED';
  override readonly name = 'CloudCallError';

  constructor(
    readonly failure: Failure,
    message: string,
    /** True when what was asked for, or a setting, is to blame; false when the cloud is. */
    readonly isBadInput: boolean,
  ) {
    super(message);
  }
}

/** Somebody pressed Ctrl-C or sent a signal. `message` says what was left behind. */
export class InterruptedError extends Error {
  readonly code = 'INTERRUPTED';
  override readonly name = 'InterruptedError';
}
