import type { CallOptions, CallResult } from '../cloud/tat-client.js';
import type { CallLimiter, CallSlot } from './call-limiter/index.js';
import { takeUsableSlot } from './take-usable-slot.js';

/**
 * After so many slots in a row that a call came too late for, it leaves late: even a process that slow has to get
 * through, and the schedule is put off behind it.
 */
const mostMisses = 10;

/** For the call that goes out with the slot: it leaves in time or not at all, and the limiter hears when it has left. */
export function leavingWith(slot: CallSlot, misses: number): CallOptions {
  return {
    mayLeave: () => slot.mayLeave() || misses >= mostMisses,
    onSent: () => slot.noteSent(),
  };
}

/** The call was not sent, and may be tried again with another slot. */
export function missedSlot(result: CallResult<unknown>): boolean {
  return !result.ok && result.failure.code === 'SlotMissed';
}

/** One call, with as many slots as it takes to be in time for one. */
export async function sendInTime<Value>(
  limiter: CallLimiter,
  send: (options: CallOptions) => Promise<CallResult<Value>>,
  signal?: AbortSignal,
): Promise<CallResult<Value>> {
  for (let misses = 0; ; misses++) {
    const first = await limiter.take(signal, misses > 0);
    const slot = await takeUsableSlot(limiter, first, signal);
    const result = await send(leavingWith(slot, misses));
    if (!missedSlot(result)) return result;
  }
}
