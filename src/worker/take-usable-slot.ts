import type { CallOptions } from '../cloud/tat-client.js';
import type { CallLimiter, CallSlot } from './call-limiter/index.js';

/** Waits for a slot that may be used this moment; slots that came too late are thrown away. */
export async function takeUsableSlot(
  limiter: CallLimiter,
  first?: CallSlot,
  signal?: AbortSignal,
): Promise<CallSlot> {
  let slot = first ?? (await limiter.take(signal));
  while (!slot.isUsable()) slot = await limiter.take(signal);
  return slot;
}

/** For the call that goes out with the slot: the limiter hears when it has left. */
export function leavingWith(slot: CallSlot): CallOptions {
  return { onSent: () => slot.noteSent() };
}
