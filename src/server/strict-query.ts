import { z } from 'zod';
import type { Problem } from '../shared/errors.js';
import { nearestName } from '../shared/nearest-name.js';
import type { App } from './app.js';

const longestName = 60;

/**
 * Gives every route of the interface a schema of its query, if it has none: a parameter that is passed over in silence may
 * be the one that was meant to keep something from happening.
 */
export function addStrictQueries(app: App): void {
  app.addHook('onRoute', (route) => {
    if (!/^\/(?:v1\/|openapi\.json$)/.test(route.url)) return;
    route.schema = { querystring: z.object({}), ...route.schema };
  });
}

/** The parameters that no schema knows, each with the name that was probably meant. */
export function findUnknownParameters(schema: z.ZodObject, query: unknown): Problem[] {
  const known = Object.keys(schema.shape);
  return Object.keys(query as object)
    .filter((name) => !known.includes(name))
    .map((name) => ({ path: name.slice(0, longestName), message: complaintOf(name, known) }));
}

function complaintOf(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return `is no query parameter here; did you mean ${nearest}?`;
  return known.length === 0
    ? 'is no query parameter here: there are none'
    : `is no query parameter here; there are ${known.join(', ')}`;
}

/** Numbers as people write them, and nothing else that JavaScript takes for one (0x10, 1e2, blanks). */
export function withNumbers(schema: z.ZodObject, query: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(query as object).map(([name, value]) => {
      const isPlain = typeof value === 'string' && /^(?:0|[1-9]\d{0,14})$/.test(value);
      return [name, isPlain && isNumber(schema.shape[name]) ? Number(value) : value];
    }),
  );
}

function isNumber(schema: unknown): boolean {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return isNumber(schema.unwrap());
  return schema instanceof z.ZodNumber;
}
