import type { z } from 'zod';
import { type Refusal, refusals } from '../refusal.js';

/**
 * Checks a call's parameters as the API does and gives its answer for the first thing that is wrong: unknown names
 * first, then missing ones, wrong types, lists that are too long, and bad values at last.
 */
export function readParameters<Value>(
  schema: z.ZodType<Value>,
  parameters: unknown,
): { readonly value: Value } | { readonly refusal: Refusal } {
  const parsed = schema.safeParse(parameters);
  if (parsed.success) return { value: parsed.data };
  const judged = parsed.error.issues.map((issue) => judge(issue, parameters));
  const [first] = judged.sort((one, other) => one.rank - other.rank);
  return { refusal: first?.refusal ?? refusals.notJson() };
}

/** A custom zod check that answers with a refusal. */
export function refuse(context: z.RefinementCtx, refusal: Refusal): void {
  context.addIssue({ code: 'custom', message: refusal.message, params: { refusal } });
}

function judge(issue: z.core.$ZodIssue, parameters: unknown): { rank: number; refusal: Refusal } {
  const name = issue.path.join('.');
  const value = valueAt(parameters, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return { rank: 0, refusal: refusals.unknownParameter(name === '' ? key : `${name}.${key}`) };
  }
  if (issue.code === 'invalid_type') {
    if (value === undefined) return { rank: 1, refusal: refusals.missingParameter(name) };
    return { rank: 2, refusal: refusals.wrongType(name) };
  }
  if (issue.code === 'too_big' && issue.origin === 'array') {
    return { rank: 3, refusal: refusals.tooMany(name, Number(issue.maximum)) };
  }
  if (issue.code === 'custom' && isRefusal(issue.params?.refusal)) {
    return { rank: 4, refusal: issue.params.refusal };
  }
  return { rank: 4, refusal: refusals.invalidValue(name, value) };
}

function valueAt(parameters: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    parameters,
  );
}

function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}
