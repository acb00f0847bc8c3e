import { z } from 'zod';
import { refusals } from '../refusal.js';
import type { SimulatedInvocation } from '../world/simulated-invocation.js';
import type { TaskState } from '../world/task-state.js';
import type { World } from '../world/world.js';
import type { Action } from './action.js';
import { apiTime } from './api-time.js';
import { filtersSchema, invocationTaskIdSchema, maxPerCall, pagingShape } from './parameter-schemas.js';
import { readParameters } from './read-parameters.js';

const schema = z.strictObject({
  InvocationTaskIds: z.array(invocationTaskIdSchema).max(maxPerCall).optional(),
  Filters: filtersSchema(['invocation-task-id', 'invocation-id', 'instance-id', 'command-id']).optional(),
  HideOutput: z.boolean().default(true),
  ...pagingShape,
});

interface TaskPlace {
  readonly invocation: SimulatedInvocation;
  readonly position: number;
}

/** Shows tasks, by invocation and then in the order of its list. Ids that name nothing here are left out. */
export const describeInvocationTasks: Action = {
  needsRegion: true,
  run({ region, parameters }, { world, nowMs }) {
    const read = readParameters(schema, parameters);
    if ('refusal' in read) return read;
    const { InvocationTaskIds = [], Filters, HideOutput, Offset, Limit } = read.value;
    if (InvocationTaskIds.length > 0 && Filters !== undefined) {
      return { refusal: refusals.conflictingParameters('InvocationTaskIds', 'Filters') };
    }
    const filters = new Map(Filters?.map(({ Name, Values }) => [Name, Values]));
    if (InvocationTaskIds.length > 0) filters.set('invocation-task-id', InvocationTaskIds);
    let total = 0;
    const page: Record<string, unknown>[] = [];
    for (const place of findTasks(world, region, filters)) {
      if (total >= Offset && page.length < Limit) page.push(show(place, world, nowMs, HideOutput));
      total += 1;
    }
    return { fields: { TotalCount: total, InvocationTaskSet: page } };
  },
};

function* findTasks(
  world: World,
  region: string,
  filters: ReadonlyMap<string, readonly string[]>,
): Iterable<TaskPlace> {
  const isAllowed = (name: string, value: string) => filters.get(name)?.includes(value) ?? true;
  for (const { invocation, positions } of candidates(world, region, filters)) {
    if (invocation.facts.region !== region) continue;
    if (!isAllowed('invocation-id', invocation.facts.invocationId)) continue;
    if (!isAllowed('command-id', invocation.facts.command.commandId)) continue;
    for (const position of positions ?? invocation.facts.instanceIds.keys()) {
      if (isAllowed('instance-id', invocation.facts.instanceIds[position] ?? '')) {
        yield { invocation, position };
      }
    }
  }
}

/** Where to look: at the tasks or invocations that are named, or else everywhere. */
function candidates(
  world: World,
  region: string,
  filters: ReadonlyMap<string, readonly string[]>,
): readonly { invocation: SimulatedInvocation; positions?: readonly number[] }[] {
  const taskIds = filters.get('invocation-task-id');
  if (taskIds !== undefined) {
    const places = [...new Set(taskIds)]
      .map((id) => world.findTaskById(id))
      .filter((place) => place !== undefined);
    return places.map(({ invocation, position }) => ({ invocation, positions: [position] }));
  }
  const ids = filters.get('invocation-id');
  const invocations =
    ids === undefined ? world.invocations() : [...new Set(ids)].map((id) => world.find(region, id));
  return invocations.filter((invocation) => invocation !== undefined).map((invocation) => ({ invocation }));
}

function show(
  { invocation, position }: TaskPlace,
  world: World,
  nowMs: number,
  hideOutput: boolean,
): Record<string, unknown> {
  const { facts } = invocation;
  const { command } = facts;
  const state = invocation.stateOf(position, nowMs);
  return {
    InvocationId: facts.invocationId,
    InvocationTaskId: world.identifiers.taskId(invocation.taskNumber(position)),
    CommandId: command.commandId,
    TaskStatus: state.status,
    InstanceId: facts.instanceIds[position],
    TaskResult: {
      ExitCode: exitCodeOf(state),
      Output: hideOutput ? '' : Buffer.from(`output of ${command.parameters}\n`).toString('base64'),
      ExecStartTime: apiTime(state.startedAtMs),
      ExecEndTime: apiTime(state.startedAtMs === undefined ? undefined : state.endedAtMs),
      Dropped: 0,
      OutputUrl: '',
      OutputUploadCOSErrorInfo: '',
    },
    StartTime: apiTime(state.startedAtMs),
    EndTime: apiTime(state.endedAtMs),
    CreatedTime: apiTime(facts.createdAtMs),
    UpdatedTime: apiTime(state.sinceMs),
    CommandDocument: {
      Content: command.content,
      CommandType: command.commandType,
      Timeout: command.timeoutSeconds,
      WorkingDirectory: command.workingDirectory,
      Username: command.username,
      OutputCOSBucketUrl: '',
      OutputCOSKeyPrefix: '',
    },
    ErrorInfo: '',
    InvocationSource: facts.invokerId === undefined ? 'USER' : 'INVOKER',
    CommandName: command.commandName,
  };
}

function exitCodeOf({ status }: TaskState): number {
  if (status === 'FAILED') return 1;
  return status === 'SUCCESS' ? 0 : -1;
}
