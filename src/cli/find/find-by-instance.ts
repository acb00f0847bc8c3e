import type { ListedTask } from '../../cloud/tat-client.js';
import type { CloudCaller } from './cloud-caller.js';
import type { Selection } from './find-options.js';
import type { Findings, FoundInvocation, OnPage } from './found-invocation.js';
import { isOpen, isScheduledSource, isSince } from './judge-answers.js';
import { readPages } from './read-pages.js';

/** What has not finished on the selected instances. Of each invocation only these instances are picked. */
export async function findByInstance(
  cloud: CloudCaller,
  region: string,
  { instanceIds, commandIds, sinceMs }: Selection,
  onPage: OnPage,
): Promise<Findings> {
  const seen = new Set<string>();
  const open = new Map<string, Map<string, ListedTask>>();
  const take = (tasks: readonly ListedTask[]) => {
    for (const task of tasks) {
      seen.add(task.invocationId);
      if (!isOpen(task) || !isSince(task.createdAt, sinceMs)) continue;
      const ofInvocation = open.get(task.invocationId) ?? new Map<string, ListedTask>();
      open.set(task.invocationId, ofInvocation.set(task.instanceId, task));
    }
  };
  const filters = instanceIds.flatMap((instanceId) =>
    commandIds.length === 0 ? [{ instanceId }] : commandIds.map((commandId) => ({ instanceId, commandId })),
  );
  let startedMeanwhile = 0;
  for (const filter of filters) {
    const { growth } = await readPages(
      async (offset, limit) => {
        const { totalCount, tasks } = await cloud.call('DescribeInvocationTasks', region, (client, options) =>
          client.describeInvocationTasks({ region, ...filter, offset, limit }, options),
        );
        return { totalCount, items: tasks };
      },
      (tasks, total) => {
        take(tasks);
        onPage(seen.size, total);
      },
    );
    startedMeanwhile += Math.max(0, growth);
  }
  const invocations = [...open].flatMap(([invocationId, tasks]) =>
    gather(region, invocationId, [...tasks.values()]),
  );
  return { invocations, examined: seen.size, startedMeanwhile };
}

function gather(region: string, invocationId: string, tasks: readonly ListedTask[]): FoundInvocation[] {
  const [first] = tasks;
  if (first === undefined) return [];
  const states = new Map<string, number>();
  for (const { status } of tasks) states.set(status, (states.get(status) ?? 0) + 1);
  return [
    {
      region,
      invocationId,
      commandId: first.commandId,
      commandName: first.commandName,
      createdAt: first.createdAt,
      createdAtMs: Date.parse(first.createdAt),
      isScheduled: isScheduledSource(first.source),
      instanceIds: tasks.map(({ instanceId }) => instanceId),
      unfinished: tasks.length,
      instances: undefined,
      states,
    },
  ];
}
