import { z } from 'zod';
import type { Action } from './action.js';
import { apiTime } from './api-time.js';
import { invokerIdSchema, maxPerCall, pagingShape } from './parameter-schemas.js';
import { readParameters } from './read-parameters.js';

const schema = z.strictObject({
  InvokerIds: z.array(invokerIdSchema).max(maxPerCall).optional(),
  ...pagingShape,
});

/** Shows which invocations the invokers started, newest first, as the API's own example has them. */
export const describeInvokerRecords: Action = {
  needsRegion: true,
  run({ region, parameters }, { world, nowMs }) {
    const read = readParameters(schema, parameters);
    if ('refusal' in read) return read;
    const { InvokerIds = [], Offset, Limit } = read.value;
    const found = world.invokers
      .of(region)
      .filter(({ facts }) => InvokerIds.length === 0 || InvokerIds.includes(facts.invokerId))
      .flatMap(({ facts, records }) => records.map((record) => ({ ...record, invokerId: facts.invokerId })))
      .sort((one, other) => other.invokedAtMs - one.invokedAtMs);
    const page = found.slice(Offset, Offset + Limit);
    return {
      fields: {
        TotalCount: found.length,
        InvokerRecordSet: page.map(({ invokerId, invocationId, invokedAtMs }) => ({
          InvokerId: invokerId,
          InvokeTime: apiTime(invokedAtMs),
          Reason: 'start an invocation at scheduled time.',
          InvocationId: invocationId,
          Result: world.find(region, invocationId)?.status(nowMs) ?? '',
        })),
      },
    };
  },
};
