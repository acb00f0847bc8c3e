import { planRequestInTurns } from '../../producer/plan-request.js';
import type { CancelRequest } from '../../shared/schemas.js';

export interface RequestPreview {
  readonly invocations: number;
  readonly wholeInvocations: number;
  /** Those that are named; how many a whole invocation has, only the cloud knows. */
  readonly instances: number;
  readonly calls: number;
  readonly secondsAtLimit: number;
}

export interface PreviewGrounds {
  /** The limit in force. */
  readonly callsPerSecond: number;
  /** For targets and requests that name no region. */
  readonly region?: string;
}

/**
 * What a request would take if nothing else waited.
 * @throws {EnqueueError} `INVALID_REQUEST`, as enqueueing it would
 */
export async function previewRequest(
  request: CancelRequest,
  { callsPerSecond, region }: PreviewGrounds,
): Promise<RequestPreview> {
  const { jobs } = await planRequestInTurns(request, region === undefined ? {} : { defaultRegion: region });
  const invocations = new Set(jobs.map(({ region, invocationId }) => `${region}|${invocationId}`));
  return {
    invocations: invocations.size,
    wholeInvocations: jobs.filter(({ instanceIds }) => instanceIds === undefined).length,
    instances: jobs.reduce((sum, { instanceIds = [] }) => sum + instanceIds.length, 0),
    calls: jobs.length,
    secondsAtLimit: Math.round((jobs.length / callsPerSecond) * 10) / 10,
  };
}
