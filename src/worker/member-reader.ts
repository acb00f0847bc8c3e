import type { TatClient } from '../cloud/tat-client.js';
import type { Logger } from '../shared/logger.js';
import type { RateLimiter } from '../shared/rate-limiter/index.js';
import { sendInTime } from './send-in-time.js';

export type MemberReader = (region: string, invocationId: string) => Promise<ReadonlySet<string> | undefined>;

/** Asks the cloud once on which instances an invocation runs. Undefined when the answer does not tell. */
export function createMemberReader(client: TatClient, limiter: RateLimiter, logger: Logger): MemberReader {
  return async (region, invocationId) => {
    const input = { region, invocationIds: [invocationId] };
    const result = await sendInTime(limiter, (options) => client.describeInvocations(input, options));
    if (!result.ok) {
      if (result.failure.class === 'throttle') await limiter.reportThrottled();
      logger.info({ region, invocationId, code: result.failure.code }, 'the members could not be read');
      return undefined;
    }
    const invocation = result.value.invocations.find((found) => found.invocationId === invocationId);
    if (invocation === undefined || invocation.tasks.length === 0) return undefined;
    return new Set(invocation.tasks.map((task) => task.instanceId));
  };
}
