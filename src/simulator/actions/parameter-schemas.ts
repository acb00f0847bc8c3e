import { z } from 'zod';
import { refusals } from '../refusal.js';
import { refuse } from './read-parameters.js';

const maxIdLength = 64;

/** An id of the given form. Whether it names anything is for the action to find out. */
function id(kind: 'Invocation' | 'Instance' | 'InvocationTask' | 'Invoker', pattern: RegExp) {
  return z.string().superRefine((value, context) => {
    if (value.length > maxIdLength) refuse(context, refusals.tooLong(`${kind}Id`, maxIdLength));
    else if (!pattern.test(value)) refuse(context, refusals.invalidId(kind, value));
  });
}

export const invocationIdSchema = id('Invocation', /^inv-[0-9A-Za-z]{8,32}$/);
export const instanceIdSchema = id('Instance', /^(ins|lhins|rins|rinst)-[0-9A-Za-z]{8,32}$/);
export const invocationTaskIdSchema = id('InvocationTask', /^invt-[0-9A-Za-z]{8,32}$/);
export const invokerIdSchema = id('Invoker', /^ivk-[0-9A-Za-z]{8,32}$/);

/** At most this many ids, or rows of an answer, in one call. */
export const maxPerCall = 100;

const maxFilters = 10;
const maxFilterValues = 5;

/** Filters by name; names that are not among `known` are refused. */
export function filtersSchema(known: readonly string[]) {
  const filter = z.strictObject({ Name: z.string(), Values: z.array(z.string()) });
  return z
    .array(
      filter.superRefine(({ Name, Values }, context) => {
        if (!known.includes(Name)) refuse(context, refusals.invalidFilter(Name));
        if (Values.length > maxFilterValues) refuse(context, refusals.tooManyFilterValues(maxFilterValues));
      }),
    )
    .max(maxFilters);
}

export const pagingShape = {
  Offset: z.number().int().min(0).default(0),
  Limit: z.number().int().min(1).max(maxPerCall).default(20),
};
