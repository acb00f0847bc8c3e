import { z } from 'zod';
import type { DeadLetterFilter, DeadLetterSelection } from '../../shared/dead-letters/index.js';
import { invocationIdSchema, regionSchema } from '../../shared/schemas.js';
import { HttpProblem } from '../problem.js';
import { numberInQuery } from '../routes/route-schema.js';

const mostIds = 10_000;
const longestCode = 200;

// The point keeps an id from meeting the other keys of the queue in Redis.
export const letterIdSchema = z
  .string()
  .regex(/^[^:]{1,150}\.[^:]{1,150}$/, 'is not the id of a dead letter')
  .meta({ description: 'Id of the dead letter' });

/** What narrows letters down: the same in queries and in bodies. */
export const letterFilterShape = {
  code: z.string().max(longestCode).optional(),
  requestId: z.string().max(100).optional(),
  invocationId: z.string().max(100).optional(),
  olderThanSeconds: numberInQuery(0, 366 * 24 * 60 * 60)
    .optional()
    .meta({ description: 'Only those that died before' }),
};

const filterSchema = z.strictObject(letterFilterShape);

export function filterFrom(given: z.output<typeof filterSchema>): DeadLetterFilter {
  const { code, requestId, invocationId, olderThanSeconds } = given;
  return {
    ...(code === undefined ? {} : { code }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(invocationId === undefined ? {} : { invocationId }),
    ...(olderThanSeconds === undefined ? {} : { deadBefore: Date.now() - olderThanSeconds * 1_000 }),
  };
}

// A forgotten selection must not mean everything: `filter` has to be there, and {} in it is said on purpose.
const selectionShape = {
  ids: z.array(letterIdSchema).min(1).max(mostIds).optional(),
  filter: filterSchema.optional(),
};

interface Selecting {
  readonly ids?: readonly string[] | undefined;
  readonly filter?: z.output<typeof filterSchema> | undefined;
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
  .meta({
    id: 'DiscardOrder',
    description: 'A reason is needed for all but a dry run; it is kept in the audit',
  });

/** @throws {HttpProblem} when letters are to be put aside for good and nobody says why */
export function reasonOf({ reason }: z.output<typeof discardOrderSchema>, dryRun: boolean): string {
  if (reason !== undefined || dryRun) return reason ?? '';
  throw new HttpProblem('INVALID_REQUEST', 'The request is not valid; nothing was done.', {
    problems: [{ path: 'reason', message: 'is missing: it is kept in the audit' }],
  });
}

export function selectionFrom({ ids, filter }: Selecting): DeadLetterSelection {
  return ids === undefined ? { filter: filterFrom(filter ?? {}) } : { ids };
}
