import type { CallOptions, CallResult } from '../cloud/tat-client.js';
import type { Permit, RateLimiter } from '../shared/rate-limiter/index.js';

/** For the call that goes out with the permit: it leaves in time or not at all, and the limiter hears when it has left. */
export function leavingWith(permit: Permit): CallOptions {
  return {
    whenDue: () => permit.whenDue(),
    mayLeave: () => permit.mayLeave(),
    onSent: () => permit.noteSent(),
  };
}

/** The call was not sent, and may be tried again with another permit. */
export function missedPermit(result: CallResult<unknown>): boolean {
  return !result.ok && result.failure.code === 'PermitMissed';
}

/** One call, with as many permits as it takes to be in time for one. */
export async function sendInTime<Value>(
  limiter: RateLimiter,
  send: (options: CallOptions) => Promise<CallResult<Value>>,
  signal?: AbortSignal,
): Promise<CallResult<Value>> {
  for (let isUrgent = false; ; isUrgent = true) {
    const permit = await limiter.acquire({ signal, isUrgent, isAhead: true });
    const result = await send(leavingWith(permit));
    permit.giveBack(); // if the call failed before it could leave
    if (!missedPermit(result)) return result;
  }
}
