/**
 * What one second of evenly spaced slots leaves over for unevenness: a slot used a little late (see
 * `latenessToleranceMs`), and a path to the cloud that takes now longer, now shorter.
 */
const slackMs = 40;

/** The part of the slack that this side of the wire may use; the rest is the path's. */
const ownPartOfSlack = 5 / 8;

/**
 * The gap between two slots, in ms, so that no sliding second at the cloud sees more than `callsPerSecond` arrivals.
 *
 * N + 1 slots in a row span N gaps. They fit into one second only if the last arrives early or the first arrives
 * late by more than `N * gap - 1000`. So the gap is the smallest with `N * gap >= 1000 + slack`: 52 ms for 20 calls,
 * 96 % of the quota. A gap of exactly `1000 / N` has no slack at all, and half of all seconds would hold N + 1 calls.
 */
export function spacingFor(callsPerSecond: number): number {
  if (!(callsPerSecond > 0 && callsPerSecond <= 1_000)) {
    throw new RangeError(`callsPerSecond must be above 0 and at most 1000, not ${callsPerSecond}`);
  }
  // Below one call a second, the "sliding second" becomes a sliding 1 / N seconds.
  const calls = Math.max(1, callsPerSecond);
  const windowMs = 1_000 * (calls / callsPerSecond);
  return Math.ceil(((windowMs + slackMs) / calls) * 10) / 10;
}

/** How long after its due time a slot may still be used, in ms. */
export const latenessToleranceMs = slackMs * ownPartOfSlack;
