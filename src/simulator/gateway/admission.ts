import type { Action, ActionCall } from '../actions/action.js';
import { actions, apiVersion } from '../actions/actions.js';
import { type Refusal, refusals } from '../refusal.js';
import { authenticate } from './authenticate.js';
import type { CallBuckets } from './call-buckets.js';
import { type CredentialBook, uinOf } from './credential-book.js';
import { headerOf } from './header.js';
import type { ReceivedRequest } from './received-request.js';

export interface AdmissionDeps {
  readonly credentials: CredentialBook;
  readonly buckets: CallBuckets;
  readonly regions: readonly string[];
  readonly invalidRegionCode: 'UnsupportedRegion' | 'InvalidParameterValue';
}

export interface AdmittedCall {
  readonly action: Action;
  readonly call: ActionCall;
}

/**
 * The gateway's checks, in this order: method, size, headers, signature, call limit, action, version, region, JSON. The
 * real order is not documented; here a caller learns nothing about limits or actions before it is known.
 */
export function admit(
  request: ReceivedRequest,
  arrivedAtEpochMs: number,
  nowMs: number,
  { credentials, buckets, regions, invalidRegionCode }: AdmissionDeps,
): AdmittedCall | Refusal {
  if (request.method !== 'POST') return refusals.unsupportedProtocol();
  if (request.isTooLarge) return refusals.tooLargeRequest();
  const actionName = headerOf(request.headers, 'x-tc-action');
  const version = headerOf(request.headers, 'x-tc-version');
  const region = headerOf(request.headers, 'x-tc-region');
  if (actionName === '') return refusals.missingParameter('Action');
  if (version === '') return refusals.missingParameter('Version');
  const credential = authenticate(request, credentials, nowMs);
  if ('code' in credential) return credential;
  const action = actions.get(actionName);
  if (action === undefined) return refusals.unknownAction(actionName, version);
  const draw = buckets.of(actionName, uinOf(credential)).draw(arrivedAtEpochMs);
  if (!draw.admitted) return refusals.overRate(draw.calls, draw.limit);
  if (version !== apiVersion) return refusals.unknownVersion(version);
  if (region === '' && action.needsRegion) return refusals.missingParameter('Region');
  if (region !== '' && !regions.includes(region)) return refusals.invalidRegion(invalidRegionCode);
  if (request.parameters === undefined) return refusals.notJson();
  if (credential.deniedActions?.includes(actionName)) return refusals.unauthorized(actionName, '*');
  return { action, call: { region, credential, parameters: request.parameters } };
}
