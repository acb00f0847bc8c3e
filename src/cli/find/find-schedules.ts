import type { Invoker } from '../../cloud/tat-invokers.js';
import { CloudCallError } from '../cli-errors.js';
import type { CloudCaller } from './cloud-caller.js';
import type { Selection } from './find-options.js';
import type { FoundInvocation } from './found-invocation.js';
import { pageSize, readPages } from './read-pages.js';

/** What is known of the schedules behind what was found. */
export interface Schedules {
  /** By id of the invocation: the invoker that started it, as far as the newest records tell. */
  readonly startedBy: ReadonlyMap<string, Invoker>;
  /** Those that would start a command again. */
  readonly pending: readonly Invoker[];
  /** Why nothing is known, if the cloud did not tell. */
  readonly failure?: CloudCallError;
}

/** The cloud takes at most this many values in a filter. */
const valuesPerFilter = 5;

/** Records tell the newest first, so what runs now is on the first pages. */
const mostRecordPages = 3;

/**
 * Looks up which schedules started what was found, and which would start it again. That costs no call when no schedule
 * is involved and no command selected, else one or two for each five commands. A cloud that does not tell is no
 * reason to leave commands running, so a failure is a value.
 */
export async function findSchedules(
  cloud: CloudCaller,
  region: string,
  found: readonly FoundInvocation[],
  selection: Selection,
  nowMs: number,
): Promise<Schedules> {
  const scheduled = found.filter(({ isScheduled }) => isScheduled);
  // Whoever stops a command everywhere wants to know of every schedule that starts it, also of one that has not yet.
  const stopsCommands = selection.instanceIds.length === 0 ? selection.commandIds : [];
  const commandIds = [...new Set([...stopsCommands, ...scheduled.map(({ commandId }) => commandId)])];
  try {
    const invokers = await readInvokers(cloud, region, commandIds);
    const startedBy = await readStarters(cloud, region, scheduled, invokers);
    const suspects = new Set(
      scheduled.filter(({ invocationId }) => !startedBy.has(invocationId)).map((each) => each.commandId),
    );
    const starters = new Set([...startedBy.values()].map(({ invokerId }) => invokerId));
    const pending = invokers.filter(
      (invoker) =>
        firesAgain(invoker, nowMs) &&
        (stopsCommands.includes(invoker.commandId) ||
          starters.has(invoker.invokerId) ||
          suspects.has(invoker.commandId)),
    );
    return { startedBy, pending };
  } catch (error) {
    if (!(error instanceof CloudCallError)) throw error;
    return { startedBy: new Map(), pending: [], failure: error };
  }
}

async function readInvokers(
  cloud: CloudCaller,
  region: string,
  commandIds: readonly string[],
): Promise<Invoker[]> {
  const invokers = new Map<string, Invoker>();
  for (const chunk of chunksOf(commandIds, valuesPerFilter)) {
    await readPages(
      async (offset, limit) => {
        const page = await cloud.call('DescribeInvokers', region, (client, options) =>
          client.describeInvokers({ region, commandIds: chunk, offset, limit }, options),
        );
        return { totalCount: page.totalCount, items: page.invokers };
      },
      (page) => {
        for (const invoker of page) invokers.set(invoker.invokerId, invoker);
      },
    );
  }
  return [...invokers.values()];
}

async function readStarters(
  cloud: CloudCaller,
  region: string,
  scheduled: readonly FoundInvocation[],
  invokers: readonly Invoker[],
): Promise<Map<string, Invoker>> {
  const startedBy = new Map<string, Invoker>();
  const wanted = new Set(scheduled.map(({ invocationId }) => invocationId));
  const byId = new Map(invokers.map((invoker) => [invoker.invokerId, invoker]));
  for (const invokerIds of wanted.size === 0 ? [] : chunksOf([...byId.keys()], pageSize)) {
    for (let page = 0; page < mostRecordPages && startedBy.size < wanted.size; page++) {
      const { totalCount, records } = await cloud.call('DescribeInvokerRecords', region, (client, options) =>
        client.describeInvokerRecords(
          { region, invokerIds, offset: page * pageSize, limit: pageSize },
          options,
        ),
      );
      for (const { invocationId, invokerId } of records) {
        const invoker = byId.get(invokerId);
        if (invoker !== undefined && wanted.has(invocationId)) startedBy.set(invocationId, invoker);
      }
      if ((page + 1) * pageSize >= totalCount) break;
    }
  }
  return startedBy;
}

function firesAgain({ isEnabled, policy, invokeTime }: Invoker, nowMs: number): boolean {
  return isEnabled && !(policy === 'ONCE' && Date.parse(invokeTime) < nowMs);
}

function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  const chunks: Item[][] = [];
  for (let from = 0; from < items.length; from += size) chunks.push(items.slice(from, from + size));
  return chunks;
}
