/** The command was called with arguments or input that cannot be used. `message` says what to do instead. */
export class UsageError extends Error {
  readonly code = 'USAGE';
  override readonly name = 'UsageError';
}

/** Somebody pressed Ctrl-C or sent a signal. `message` says what was left behind. */
export class InterruptedError extends Error {
  readonly code = 'INTERRUPTED';
  override readonly name = 'InterruptedError';
}
