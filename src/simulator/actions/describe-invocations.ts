import { z } from 'zod';
import { refusals } from '../refusal.js';
import { rollUpStatus } from '../world/invocation-status.js';
import type { SimulatedInvocation } from '../world/simulated-invocation.js';
import type { TaskState } from '../world/task-state.js';
import type { World } from '../world/world.js';
import type { Action } from './action.js';
import { apiTime } from './api-time.js';
import { filtersSchema, invocationIdSchema, maxPerCall, pagingShape } from './parameter-schemas.js';
import { readParameters } from './read-parameters.js';

const schema = z.strictObject({
  InvocationIds: z.array(invocationIdSchema).max(maxPerCall).optional(),
  Filters: filtersSchema(['invocation-id', 'command-id', 'command-created-by', 'instance-kind']).optional(),
  ...pagingShape,
});
type Filters = NonNullable<z.infer<typeof schema>['Filters']>;

/** Shows invocations with the state of their tasks, oldest first. Ids that name nothing here are left out. */
export const describeInvocations: Action = {
  needsRegion: true,
  run({ region, parameters }, { world, nowMs, settings }) {
    const read = readParameters(schema, parameters);
    if ('refusal' in read) return read;
    const { InvocationIds, Filters, Offset, Limit } = read.value;
    if (InvocationIds !== undefined && Filters !== undefined) {
      return { refusal: refusals.conflictingParameters('InvocationIds', 'Filters') };
    }
    const found =
      InvocationIds === undefined || InvocationIds.length === 0
        ? filtered(world, region, Filters ?? [])
        : named(world, region, InvocationIds);
    const page = found.slice(Offset, Offset + Limit);
    return {
      fields: {
        TotalCount: found.length,
        InvocationSet: page.map((invocation) => show(invocation, world, nowMs, settings.tasksShown)),
      },
    };
  },
};

function named(world: World, region: string, ids: readonly string[]): SimulatedInvocation[] {
  const found = [...new Set(ids)].map((id) => world.find(region, id));
  return found.filter((invocation) => invocation !== undefined);
}

function filtered(world: World, region: string, filters: Filters): SimulatedInvocation[] {
  return world
    .invocations()
    .filter(({ facts }) => facts.region === region)
    .filter((invocation) =>
      filters.every(({ Name, Values }) => Values.includes(filterable(invocation, Name))),
    );
}

function filterable({ facts }: SimulatedInvocation, name: string): string {
  switch (name) {
    case 'invocation-id':
      return facts.invocationId;
    case 'command-id':
      return facts.command.commandId;
    case 'instance-kind':
      return facts.instanceKind;
    default:
      return 'USER'; // command-created-by: there are no public commands here
  }
}

function show(
  invocation: SimulatedInvocation,
  world: World,
  nowMs: number,
  tasksShown: number,
): Record<string, unknown> {
  const { facts } = invocation;
  const { command } = facts;
  const states = facts.instanceIds.map((_, position) => invocation.stateOf(position, nowMs));
  const times = timesOf(states);
  return {
    InvocationId: facts.invocationId,
    CommandId: command.commandId,
    CommandName: command.commandName,
    InvocationStatus: rollUpStatus(states.map(({ status }) => status)),
    InvocationTaskBasicInfoSet: states.slice(0, tasksShown).map(({ status }, position) => ({
      InvocationTaskId: world.identifiers.taskId(invocation.taskNumber(position)),
      TaskStatus: status,
      InstanceId: facts.instanceIds[position],
    })),
    Description: command.description,
    StartTime: apiTime(times.startedAtMs),
    EndTime: apiTime(times.endedAtMs),
    CreatedTime: apiTime(facts.createdAtMs),
    UpdatedTime: apiTime(times.updatedAtMs),
    Parameters: command.parameters,
    DefaultParameters: '{}',
    InstanceKind: facts.instanceKind,
    Username: command.username,
    InvocationSource: facts.invokerId === undefined ? 'USER' : 'INVOKER',
    CommandContent: command.content,
    CommandType: command.commandType,
    Timeout: command.timeoutSeconds,
    WorkingDirectory: command.workingDirectory,
    OutputCOSBucketUrl: '',
    OutputCOSKeyPrefix: '',
  };
}

/** The first start, the last end once all have ended, and the last change. */
function timesOf(states: readonly TaskState[]) {
  let startedAtMs: number | undefined;
  let endedAtMs: number | undefined = 0;
  let updatedAtMs = 0;
  for (const state of states) {
    if (state.startedAtMs !== undefined) {
      startedAtMs = Math.min(startedAtMs ?? state.startedAtMs, state.startedAtMs);
    }
    if (state.endedAtMs === undefined) endedAtMs = undefined;
    else if (endedAtMs !== undefined) endedAtMs = Math.max(endedAtMs, state.endedAtMs);
    updatedAtMs = Math.max(updatedAtMs, state.sinceMs);
  }
  return { startedAtMs, endedAtMs, updatedAtMs };
}
