import { z } from 'zod';
import type { LetterSelection } from '../../shared/dead-letter-desk.js';
import type { DeadLetterFilter } from '../../shared/dead-letter-queue.js';
import { invocationIdSchema, regionSchema } from '../../shared/schemas.js';
import { numberInQuery } from '../routes/route-schema.js';

const mostIds = 10_000;
const longestCode = 200;

// The point keeps an id from meeting the other keys of the queue in Redis.
export const letterIdSchema = z
  .string()
  .regex(/^[^:]{1,150}\.[^:]{1,150}$/, 'is not the id of a dead letter')
  .meta({ description: 'Id of the dead letter' });

/** The query parameters that narrow letters down. */
export const letterFilterShape = {
  code: z.string().max(longestCode).optional(),
  request: z.string().max(100).optional(),
  invocation: z.string().max(100).optional(),
  olderThanSeconds: numberInQuery(0, 366 * 24 * 60 * 60)
    .optional()
    .meta({ description: 'Only those that died before' }),
};

const filterQuery = z.object(letterFilterShape);

export function filterFrom(query: z.output<typeof filterQuery>): DeadLetterFilter {
  const { code, request, invocation, olderThanSeconds } = query;
  return {
    ...(code === undefined ? {} : { code }),
    ...(request === undefined ? {} : { requestId: request }),
    ...(invocation === undefined ? {} : { invocationId: invocation }),
    ...(olderThanSeconds === undefined ? {} : { deadBefore: Date.now() - olderThanSeconds * 1_000 }),
  };
}

// A forgotten selection must not mean everything: `filter` has to be there, and {} in it is said on purpose.
const selectionShape = {
  ids: z.array(letterIdSchema).min(1).max(mostIds).optional(),
  filter: z
    .strictObject({
      code: z.string().max(longestCode).optional(),
      requestId: z.string().max(100).optional(),
      invocationId: z.string().max(100).optional(),
    })
    .optional(),
  dryRun: z.boolean().optional().meta({ description: 'Only say what would happen' }),
};

interface Selecting {
  readonly ids?: readonly string[] | undefined;
  readonly filter?:
    | { code?: string | undefined; requestId?: string | undefined; invocationId?: string | undefined }
    | undefined;
}

const hasOneSelection = (order: Selecting) => (order.ids === undefined) !== (order.filter === undefined);
const oneSelection = 'give either ids or filter ({} for all letters)';

export const redriveOrderSchema = z
  .strictObject({
    ...selectionShape,
    region: regionSchema.optional().meta({ description: 'In place of the one in the letters' }),
    invocationId: invocationIdSchema.optional().meta({ description: 'In place of the one in the letters' }),
  })
  .refine(hasOneSelection, oneSelection)
  .meta({ id: 'RedriveOrder' });

export const discardOrderSchema = z
  .strictObject({
    ...selectionShape,
    reason: z.string().trim().min(1, 'must say why').max(1_000).optional(),
  })
  .refine(hasOneSelection, oneSelection)
  .refine(({ dryRun, reason }) => dryRun === true || reason !== undefined, {
    path: ['reason'],
    message: 'is missing: it is kept in the audit',
  })
  .meta({ id: 'DiscardOrder' });

export function selectionFrom({ ids, filter }: Selecting): LetterSelection {
  if (ids !== undefined) return { ids };
  const { code, requestId, invocationId } = filter ?? {};
  return {
    filter: {
      ...(code === undefined ? {} : { code }),
      ...(requestId === undefined ? {} : { requestId }),
      ...(invocationId === undefined ? {} : { invocationId }),
    },
  };
}
