/**
 * The one promise: no sliding second at the cloud sees more calls than allowed. It is kept where calls leave, in a
 * window that is longer by as much as the path to the cloud may take now longer, now shorter.
 */
export const pathJitterMs = 40;

export const windowMs = 1_000 + pathJitterMs;

/** How much later than planned a call may leave, in ms: a process has to get a core, and a request a connection. */
export const toleranceMs = 400;

/** A permit that comes later than this is not handed out: it might be too old when its call is ready. */
export const latestHandOutMs = 0.75 * toleranceMs;

/** No permit is placed further ahead than this, in ms. It bounds what may be unknown after a loss of the log. */
export const horizonMs = 500;

/** Nor may ever more permits than this be without a note that their call has left, over all processes. */
export function mostOutstanding(callsPerSecond: number): number {
  return Math.ceil(0.75 * callsPerSecond);
}

/** The gap between two permits when the window is full, in ms. */
export function intervalFor(callsPerSecond: number): number {
  if (!(Number.isInteger(callsPerSecond) && callsPerSecond >= 1 && callsPerSecond <= 1_000)) {
    throw new RangeError(`callsPerSecond must be a whole number from 1 to 1000, not ${callsPerSecond}`);
  }
  return windowMs / callsPerSecond;
}
