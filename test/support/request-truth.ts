import type { InstanceRecord } from '../../src/producer/index.js';
import { type TaskStatus, taskStatuses } from '../../src/simulator/world/task-state.js';
import type { Installation } from './installation.js';

/** All instances of a request, over as many pages as it takes. */
export async function allInstances({ producer }: Installation, requestId: string): Promise<InstanceRecord[]> {
  const found: InstanceRecord[] = [];
  let cursor: number | undefined = 0;
  while (cursor !== undefined) {
    const page = await producer.instances(requestId, { cursor, limit: 5_000 });
    found.push(...page.instances);
    cursor = page.nextCursor;
  }
  return found;
}

const runsStill: readonly TaskStatus[] = ['PENDING', 'DELIVERING', 'DELIVER_DELAYED', 'RUNNING'];

/** What the cloud's task may be when the ledger says this of an instance. */
export function truthsFor({ state, taskStatus }: InstanceRecord): readonly string[] {
  switch (state) {
    case 'terminated':
      return ['TERMINATED'];
    case 'cancelled':
      return ['CANCELLED'];
    case 'already-finished':
      return [taskStatus ?? 'a final status'];
    case 'waiting':
    case 'withdrawn':
      return runsStill;
    default:
      return taskStatuses;
  }
}

/**
 * Compares what a request says of each instance with the cloud's own state of its task. Resolves with one line for each
 * that differs or is listed twice, and with how many were compared.
 */
export async function compareWithCloud(installation: Installation, requestId: string) {
  const records = await allInstances(installation, requestId);
  const lies: string[] = [];
  const seen = new Set<string>();
  for (const record of records) {
    const { invocationId, instanceId = '', state } = record;
    const name = `${invocationId} ${instanceId}`;
    if (seen.has(name)) lies.push(`${name} is listed twice`);
    seen.add(name);
    const status = installation.simulator.task(invocationId, instanceId)?.status ?? 'no task';
    if (!truthsFor(record).includes(status)) lies.push(`${name} is ${state}, its task is ${status}`);
  }
  return { lies, compared: seen.size };
}

/** Adds invocations to the cloud, and tells targets that name each of their instances. */
export function addTargets({ simulator }: Installation, invocations: number, instances: number) {
  return simulator.addInvocations(invocations, { instances }).map(({ invocationId, instanceIds }) => ({
    invocationId,
    instanceIds: [...instanceIds],
  }));
}
