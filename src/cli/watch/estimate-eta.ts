import type { RequestStatus } from '../../shared/ledger/index.js';
import { idsPerCall } from '../../shared/schemas.js';

/** Fewer calls than this say little about the pace. */
const tellingCalls = 10;

/**
 * Seconds until the last call of what is still waiting, at least: other requests may be served in between, and proof
 * that the tasks stopped comes later. Goes by the request's own calls so far, and by the call limit before there are
 * enough. 0 when nothing waits, null while work is held.
 */
export function estimateEtaSeconds(
  status: Pick<RequestStatus, 'counts' | 'total' | 'calls' | 'firstCallAt' | 'lastCallAt'>,
  { callsPerSecond, isHeld }: { callsPerSecond: number; isHeld: boolean },
): number | null {
  const { waiting, withdrawn } = status.counts;
  if (waiting === 0) return 0;
  if (isHeld) return null;
  const carried = status.total - waiting - withdrawn;
  const instancesPerCall =
    status.calls >= tellingCalls && carried > 0 ? Math.min(idsPerCall, carried / status.calls) : idsPerCall;
  const pace = Math.min(callsPerSecond, ownPaceOf(status) ?? callsPerSecond);
  return Math.ceil(Math.ceil(waiting / instancesPerCall) / pace);
}

function ownPaceOf({
  calls,
  firstCallAt,
  lastCallAt,
}: Pick<RequestStatus, 'calls' | 'firstCallAt' | 'lastCallAt'>): number | undefined {
  if (calls < tellingCalls || firstCallAt === undefined || lastCallAt === undefined) return undefined;
  const seconds = (Date.parse(lastCallAt) - Date.parse(firstCallAt)) / 1_000;
  return seconds > 0 ? (calls - 1) / seconds : undefined;
}
