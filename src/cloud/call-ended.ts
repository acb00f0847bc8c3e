/** Why the client itself ended a call early. It is the reason of the call's abort signal. */
export class CallEndedError extends Error {
  override readonly name = 'CallEndedError';

  constructor(
    /** A code of the failure table: `CallTimeout`, `CallAborted`, `Redirected`, … */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
