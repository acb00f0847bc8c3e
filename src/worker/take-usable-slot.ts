import type { CallLimiter, CallSlot } from './call-limiter/index.js';

/** Waits for a slot that may be used this moment; slots that came too late are thrown away. */
export async function takeUsableSlot(
  limiter: CallLimiter,
  first?: CallSlot,
  signal?: AbortSignal,
): Promise<CallSlot> {
  let slot = first ?? (await limiter.take(signal));
  while (!slot.isUsable()) slot = await limiter.take(signal, true);
  return slot;
}
