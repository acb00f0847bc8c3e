import type { InstanceRecord, InstanceState, RequestStatus } from '../api/answers.js';
import { isUnfinished } from '../parts/outcomes.js';

/** After so long without proof, somebody may want to look at the machine. */
const proofIsLateMs = 10_000;

/** The outcomes whose instances may still run the command. `now` is the server's time in ms. */
export function doubtfulOutcomes(request: RequestStatus, now: number): InstanceState[] {
  const { counts, confirm, state, lastCallAt } = request;
  const isLate = lastCallAt !== undefined && now - Date.parse(lastCallAt) > proofIsLateMs;
  const awaitsProof = confirm && isUnfinished(state) && counts.accepted > 0;
  return [
    ...(awaitsProof && isLate ? (['accepted'] as const) : []),
    ...(counts['dead-lettered'] > 0 ? (['dead-lettered'] as const) : []),
  ];
}

/** What to look for: the instance, or the invocation where all of its instances are meant. */
export function idOf({ instanceId, invocationId }: InstanceRecord): string {
  return instanceId ?? invocationId;
}
