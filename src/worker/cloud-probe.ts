import type { TatClient } from '../cloud/tat-client.js';
import type { Failure } from '../shared/failure.js';
import { createFailure } from '../shared/failure-table.js';
import type { RateLimiter } from '../shared/rate-limiter/index.js';
import { sendInTime } from './send-in-time.js';

/** A cloud that does not answer a read for so long is as good as away. */
const longestMs = 3_000;

export interface CloudProbeOptions {
  readonly client: Pick<TatClient, 'describeInvocations'>;
  /** The limiter of DescribeInvocations for a region. */
  readonly limiterFor: (region: string) => RateLimiter;
  readonly callTimeoutMs: number;
}

/** Asks the cloud for as little as can be; tells its failure, or undefined when it answers. */
export function createCloudProbe({ client, limiterFor, callTimeoutMs }: CloudProbeOptions) {
  const timeoutMs = Math.min(longestMs, callTimeoutMs);
  return async (region: string): Promise<Failure | undefined> => {
    const result = await sendInTime(limiterFor(region), (options) =>
      client.describeInvocations(
        { region, limit: 1 },
        { ...options, signal: AbortSignal.timeout(timeoutMs) },
      ),
    );
    if (result.ok) return undefined;
    if (result.failure.code !== 'CallAborted') return result.failure;
    return createFailure('CallTimeout', `No answer to a probe within ${timeoutMs} ms.`);
  };
}
