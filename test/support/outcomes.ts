import type { RequestStatus } from '../../src/producer/index.js';
import type { StoredDeadLetter } from '../../src/shared/dead-letters/index.js';
import { instanceStates } from '../../src/shared/ledger/index.js';
import { redisKeys } from '../../src/shared/redis-keys.js';
import type { Installation } from './installation.js';
import { waitUntil } from './wait-until.js';

/** The request's status as soon as it fits. Every look also proves that no instance is lost or counted twice. */
export async function untilStatus(
  { producer }: Installation,
  requestId: string,
  what: string,
  fits: (status: RequestStatus) => boolean,
  withinMs?: number,
): Promise<RequestStatus> {
  return await waitUntil(
    what,
    async () => {
      const status = await producer.status(requestId);
      if (status === undefined) return undefined;
      const sum = instanceStates.reduce((total, state) => total + status.counts[state], 0);
      if (sum !== status.total)
        throw new Error(`${sum} of ${status.total} instances: ${JSON.stringify(status)}`);
      return fits(status) ? status : undefined;
    },
    withinMs,
  );
}

/** The status when every instance has its outcome. */
export async function untilFinished(
  installation: Installation,
  requestId: string,
  withinMs?: number,
): Promise<RequestStatus> {
  const isOver = ({ state }: RequestStatus) => state === 'finished' || state === 'withdrawn';
  return await untilStatus(installation, requestId, 'the request is finished', isOver, withinMs);
}

/** The counts that are not zero. */
export function countsOf({ counts }: RequestStatus): Partial<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/** The dead letters that are in their queue, as soon as there are so many. */
export async function untilDeadLetters(
  { deadLetters }: Installation,
  count: number,
  filter: { requestId?: string } = {},
): Promise<StoredDeadLetter[]> {
  return await waitUntil(`${count} dead letters`, async () => {
    const { deadLetters: found } = await deadLetters.list(filter, { limit: 1_000 });
    return found.length >= count ? found : undefined;
  });
}

/** How much of a job's budget of attempts is spent. */
export async function attemptsSpent({ redis, prefix }: Installation, requestId: string, position = 0) {
  return Number((await redis.hget(redisKeys(prefix).request(requestId), `n:${position}`)) ?? 0);
}

/** The jobs that BullMQ keeps as failed; the reconciler leaves none. */
export async function failedJobs({ redis, prefix }: Installation): Promise<string[]> {
  return await redis.zrange(`${prefix}:tat-cancel:failed`, '0', '-1');
}

/** Ids of every cancel call that listed this instance, or meant its whole invocation. */
export function callsFor({ simulator }: Installation, invocationId: string, instanceId: string): number[] {
  return simulator.record
    .calls('CancelInvocation')
    .filter((call) => call.invocationId === invocationId && (call.instanceIds?.includes(instanceId) ?? true))
    .map((call) => call.number);
}
