// biome-ignore-all lint/suspicious/noExplicitAny: schemas of any shape
import { z } from 'zod';

/** What of an answer is not as the schema says, unknown fields among it; a path and a reason each. */
export function conformsTo(description: any, schema: any, value: unknown): string[] {
  if (schema === undefined) return ['there is no schema for this answer'];
  const inlined = resolveRefs(description, schema);
  const result = z.fromJSONSchema(inlined, { defaultTarget: 'draft-2020-12' }).safeParse(value);
  return result.success
    ? []
    : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

export function resolveRefs(description: any, schema: any): any {
  if (Array.isArray(schema)) return schema.map((each) => resolveRefs(description, each));
  if (typeof schema !== 'object' || schema === null) return schema;
  if (typeof schema.$ref === 'string') {
    return resolveRefs(description, description.components.schemas[schema.$ref.split('/').at(-1)]);
  }
  return Object.fromEntries(
    Object.entries(schema).map(([key, each]) => [key, resolveRefs(description, each)]),
  );
}
