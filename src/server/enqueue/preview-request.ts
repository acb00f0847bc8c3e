import { planRequest } from '../../producer/plan-request.js';
import type { CancelRequest } from '../../shared/schemas.js';
import type { Facts } from '../facts.js';

export interface RequestPreview {
  readonly invocations: number;
  readonly wholeInvocations: number;
  /** Those that are named; how many a whole invocation has, only the cloud knows. */
  readonly instances: number;
  readonly calls: number;
  readonly secondsAtLimit: number;
}

/**
 * What a request would take if nothing else waited.
 * @throws {EnqueueError} `INVALID_REQUEST`, as enqueueing it would
 */
export function previewRequest(request: CancelRequest, facts: Facts): RequestPreview {
  const { jobs } = planRequest(request, facts.region === undefined ? {} : { defaultRegion: facts.region });
  const invocations = new Set(jobs.map(({ region, invocationId }) => `${region}|${invocationId}`));
  return {
    invocations: invocations.size,
    wholeInvocations: jobs.filter(({ instanceIds }) => instanceIds === undefined).length,
    instances: jobs.reduce((sum, { instanceIds = [] }) => sum + instanceIds.length, 0),
    calls: jobs.length,
    secondsAtLimit: Math.round((jobs.length / facts.callsPerSecond) * 10) / 10,
  };
}
