import type { Invocation, InvocationTask } from '../../cloud/tat-client.js';
import type { CloudCaller } from './cloud-caller.js';
import { findByInstance } from './find-by-instance.js';
import type { Selection } from './find-options.js';
import type { Findings, FoundInvocation, OnPage } from './found-invocation.js';
import { isOpen, isScheduledSource, isSince } from './judge-answers.js';
import { pageSize, readPages } from './read-pages.js';

const finalInvocationStatuses: ReadonlySet<string> = new Set([
  'SUCCESS',
  'TIMEOUT',
  'FAILED',
  'CANCELLED',
  'PARTIAL_FAILED',
  'PARTIAL_CANCELLED',
]);

/**
 * Looks up what has not finished. The cloud can filter by command and instance, not by state or time, so everything
 * that it knows of them is read: one call for each hundred invocations, or tasks of an instance. States that this
 * version does not know count as unfinished.
 * @throws {CloudCallError} that says what to do
 */
export async function findInvocations(
  cloud: CloudCaller,
  region: string,
  selection: Selection,
  onPage: OnPage,
): Promise<Findings> {
  const found =
    selection.instanceIds.length > 0
      ? await findByInstance(cloud, region, selection, onPage)
      : await findByCommand(cloud, region, selection, onPage);
  const invocations = found.invocations.toSorted(
    (one, other) => (other.createdAtMs || 0) - (one.createdAtMs || 0),
  );
  return { ...found, invocations };
}

async function findByCommand(
  cloud: CloudCaller,
  region: string,
  { commandIds, sinceMs }: Selection,
  onPage: OnPage,
): Promise<Findings> {
  const seen = new Set<string>();
  const picked = new Map<string, FoundInvocation>();
  const untold = new Map<string, Invocation>();
  let startedMeanwhile = 0;
  const filters = commandIds.length === 0 ? [{}] : commandIds.map((commandId) => ({ commandId }));
  for (const filter of filters) {
    const { growth } = await readPages(
      async (offset, limit) => {
        const { totalCount, invocations } = await cloud.call(
          'DescribeInvocations',
          region,
          (client, options) => client.describeInvocations({ region, ...filter, offset, limit }, options),
        );
        return { totalCount, items: invocations };
      },
      (invocations, total) => {
        for (const invocation of invocations) {
          const { invocationId, createdAt, tasks } = invocation;
          seen.add(invocationId);
          if (!isUnfinished(invocation) || !isSince(createdAt, sinceMs)) continue;
          // Picked at once: a region may have a million tasks, and what is kept of them must be little.
          const found = tellsItsTasks(invocation) ? pick(region, invocation, tasks) : undefined;
          if (found === undefined) untold.set(invocationId, invocation);
          else picked.set(invocationId, found);
        }
        onPage(seen.size, total);
      },
    );
    startedMeanwhile += Math.max(0, growth);
  }
  for (const [invocationId, invocation] of untold) {
    const found = pick(region, invocation, await listTasks(cloud, region, invocation));
    if (found !== undefined) picked.set(invocationId, found);
  }
  return { invocations: [...picked.values()], examined: seen.size, startedMeanwhile };
}

function isUnfinished({ status, tasks }: Invocation): boolean {
  return !finalInvocationStatuses.has(status) || tasks.some(isOpen);
}

/**
 * The API does not promise that an invocation comes with all of its tasks. One with nothing unfinished in it did not tell
 * everything, and a full page of tasks may be the first of two; when all of them are unfinished that does not matter.
 */
function tellsItsTasks({ tasks }: Invocation): boolean {
  return tasks.some(isOpen) && (tasks.length !== pageSize || tasks.every(isOpen));
}

async function listTasks(
  cloud: CloudCaller,
  region: string,
  { invocationId }: Invocation,
): Promise<InvocationTask[]> {
  const tasks = new Map<string, InvocationTask>();
  await readPages(
    async (offset, limit) => {
      const page = await cloud.call('DescribeInvocationTasks', region, (client, options) =>
        client.describeInvocationTasks({ region, invocationId, offset, limit }, options),
      );
      return { totalCount: page.totalCount, items: page.tasks };
    },
    (page) => {
      for (const task of page) tasks.set(task.instanceId, task);
    },
  );
  return [...tasks.values()];
}

/** The whole invocation when all of it is unfinished, else the instances that are. Undefined when none is. */
function pick(
  region: string,
  invocation: Invocation,
  tasks: readonly InvocationTask[],
): FoundInvocation | undefined {
  const open = tasks.filter(isOpen);
  if (tasks.length > 0 && open.length === 0) return undefined; // it has finished between two answers
  const { invocationId, commandId, commandName, createdAt, source } = invocation;
  const states = new Map<string, number>();
  for (const { status } of open) states.set(status, (states.get(status) ?? 0) + 1);
  return {
    region,
    invocationId,
    commandId,
    commandName,
    createdAt,
    createdAtMs: Date.parse(createdAt),
    isScheduled: isScheduledSource(source),
    instanceIds: open.length === tasks.length ? undefined : open.map(({ instanceId }) => instanceId),
    unfinished: open.length,
    instances: tasks.length === 0 ? undefined : tasks.length,
    states,
  };
}
