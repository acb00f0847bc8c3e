import { z } from 'zod';
import { type SimulatedCredential, uinOf } from '../gateway/credential-book.js';
import { type Refusal, refusals } from '../refusal.js';
import type { SimulatedInvocation } from '../world/simulated-invocation.js';
import type { Action } from './action.js';
import { instanceIdSchema, invocationIdSchema, maxPerCall } from './parameter-schemas.js';
import { readParameters } from './read-parameters.js';

const schema = z.strictObject({
  InvocationId: invocationIdSchema,
  InstanceIds: z.array(instanceIdSchema).max(maxPerCall).optional(),
});

/**
 * Stops an invocation on the instances listed, or on all of them without a list. All or nothing: one stranger in the
 * list and no task is touched. Tasks that have ended stay as they are, and that is a success.
 */
export const cancelInvocation: Action = {
  needsRegion: true,
  run({ region, credential, parameters }, { world, nowMs, settings }) {
    const read = readParameters(schema, parameters);
    if ('refusal' in read) return read;
    const { InvocationId, InstanceIds } = read.value;
    if (InstanceIds?.length === 0 && settings.emptyInstanceIds === 'rejected') {
      return { refusal: refusals.invalidValue('InstanceIds', []) };
    }
    const invocation = world.find(region, InvocationId);
    if (invocation === undefined) return { refusal: refusals.invocationNotFound(InvocationId) };
    const listed = InstanceIds !== undefined && InstanceIds.length > 0 ? InstanceIds : undefined;
    const denial = camRefusal(credential, invocation, listed);
    if (denial !== undefined) return { refusal: denial };
    const positions = listed === undefined ? allPositions(invocation) : invocation.positionsOf(listed);
    const stranger = listed?.[positions.indexOf(-1)];
    if (stranger !== undefined) {
      return { refusal: refusals.unrelatedInstance(settings.namesOffender ? stranger : undefined) };
    }
    for (const position of positions) invocation.cancel(position, nowMs);
    return { fields: {} };
  },
};

/** CAM judges cancels by instance: one that is out of bounds refuses the call. */
function camRefusal(
  credential: SimulatedCredential,
  { facts }: SimulatedInvocation,
  instanceIds: readonly string[] = facts.instanceIds,
): Refusal | undefined {
  const instance = (id: string) => `qcs::cvm:${facts.region}:uin/${uinOf(credential)}:instance/${id}`;
  if (credential.deniedInvocations?.includes(facts.invocationId)) {
    return refusals.unauthorized('CancelInvocation', instance('*'));
  }
  if (credential.deniedInstances === undefined) return undefined;
  const denied = new Set(credential.deniedInstances);
  const outOfBounds = instanceIds.find((id) => denied.has(id));
  return outOfBounds === undefined
    ? undefined
    : refusals.unauthorized('CancelInvocation', instance(outOfBounds));
}

function allPositions({ size }: SimulatedInvocation): number[] {
  return Array.from({ length: size }, (_, position) => position);
}
