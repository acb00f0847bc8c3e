import { z } from 'zod';
import { refusals } from '../refusal.js';
import type { SimulatedInvoker } from '../world/invokers.js';
import type { World } from '../world/world.js';
import type { Action } from './action.js';
import { apiTime } from './api-time.js';
import { filtersSchema, invokerIdSchema, maxPerCall, pagingShape } from './parameter-schemas.js';
import { readParameters } from './read-parameters.js';

const schema = z.strictObject({
  InvokerIds: z.array(invokerIdSchema).max(maxPerCall).optional(),
  Filters: filtersSchema(['invoker-id', 'command-id', 'invoker-type']).optional(),
  ...pagingShape,
});

const onlyType = 'SCHEDULE';

/** Shows invokers, oldest first. Ids that name nothing here are left out. */
export const describeInvokers: Action = {
  needsRegion: true,
  run({ region, parameters }, { world }) {
    const read = readParameters(schema, parameters);
    if ('refusal' in read) return read;
    const { InvokerIds = [], Filters, Offset, Limit } = read.value;
    if (InvokerIds.length > 0 && Filters !== undefined) {
      return { refusal: refusals.conflictingParameters('InvokerIds', 'Filters') };
    }
    const filters = new Map(Filters?.map(({ Name, Values }) => [Name, Values]));
    if (InvokerIds.length > 0) filters.set('invoker-id', InvokerIds);
    const isAllowed = (name: string, value: string) => filters.get(name)?.includes(value) ?? true;
    const found = world.invokers
      .of(region)
      .filter(
        ({ facts }) =>
          isAllowed('invoker-id', facts.invokerId) &&
          isAllowed('command-id', facts.commandId) &&
          isAllowed('invoker-type', onlyType),
      );
    const page = found.slice(Offset, Offset + Limit);
    return {
      fields: { TotalCount: found.length, InvokerSet: page.map((invoker) => show(invoker, world)) },
    };
  },
};

function show(invoker: SimulatedInvoker, { command }: World): Record<string, unknown> {
  const { facts, enabled, updatedAtMs } = invoker;
  const { schedule } = facts;
  return {
    InvokerId: facts.invokerId,
    Name: facts.name,
    Type: onlyType,
    CommandId: facts.commandId,
    Username: command.username,
    Parameters: command.parameters,
    InstanceIds: facts.instanceIds,
    Enable: enabled,
    ScheduleSettings: {
      Policy: schedule.policy,
      Recurrence: schedule.policy === 'RECURRENCE' ? schedule.recurrence : '',
      InvokeTime: schedule.policy === 'ONCE' ? schedule.invokeTime : null,
    },
    CreatedTime: apiTime(facts.createdAtMs),
    UpdatedTime: apiTime(updatedAtMs),
    Tags: [],
  };
}
