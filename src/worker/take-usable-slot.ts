import type { CallLimiter, CallSlot } from './call-limiter/index.js';

/** A slot that may be used this moment; slots that came too late are thrown away. */
export async function takeUsableSlot(limiter: CallLimiter, first?: CallSlot): Promise<void> {
  let slot = first ?? (await limiter.take());
  while (!slot.isUsable()) slot = await limiter.take();
}
