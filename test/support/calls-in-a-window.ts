import type { RecordedCall } from '../../src/simulator/index.js';
import type { EventLoopLag } from './event-loop-lag.js';

/**
 * Workers without a core to run on send late what they had decided to send in time. Two schedules side by side, or a
 * schedule that is not kept, come out far beyond this.
 */
export const starvedMs = 50;

/** Most calls within so long. The lateness of this process's own look is taken off in favour of the caller. */
export function mostWithin(windowMs: number, calls: readonly RecordedCall[], lag: EventLoopLag): number {
  let most = 0;
  let first = 0;
  for (let last = 0; last < calls.length; last++) {
    const end = calls[last]?.atMs ?? 0;
    while (first < last && end - lag.earliest(calls[first]?.atMs ?? 0) >= windowMs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
