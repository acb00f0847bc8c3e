// biome-ignore-all lint/suspicious/noExplicitAny: schemas of any shape
import fc from 'fast-check';
import { resolveRefs } from './openapi-check.js';

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operation: any;
}

export interface FuzzRequest {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

export function operationsOf(description: any): Operation[] {
  return Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods as object).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
}

/** Requests that fit the description, and such that nearly do. */
export function requestFor(description: any, { path, operation }: Operation): fc.Arbitrary<FuzzRequest> {
  const parameters: any[] = operation.parameters ?? [];
  const anyFor = (schema: any) => valueFor(resolveRefs(description, schema ?? {}));
  const values = fc.tuple(
    ...parameters.map((parameter) =>
      fc.record({
        parameter: fc.constant(parameter),
        value: fc.oneof(
          { arbitrary: anyFor(parameter.schema), weight: 6 },
          { arbitrary: oddText, weight: 1 },
        ),
        isThere: parameter.required ? fc.constant(true) : fc.boolean(),
      }),
    ),
  );
  const schema = operation.requestBody?.content?.['application/json']?.schema;
  const body =
    schema === undefined
      ? fc.constant(undefined)
      : fc.oneof(
          { arbitrary: anyFor(schema), weight: 6 },
          { arbitrary: fc.json(), weight: 1 },
          { arbitrary: oddText, weight: 1 },
        );
  return fc.record({ values, body }).map(({ values: chosen, body: sent }) => {
    let address = path;
    const query = new URLSearchParams();
    const headers: Record<string, string> = {};
    for (const { parameter, value, isThere } of chosen) {
      if (!isThere) continue;
      const text = String(value);
      if (parameter.in === 'path')
        address = address.replace(`{${parameter.name}}`, encodeURIComponent(text) || 'x');
      if (parameter.in === 'query') query.append(parameter.name, text);
      if (parameter.in === 'header' && /^[\x21-\x7e]+$/.test(text)) headers[parameter.name] = text;
    }
    const search = query.toString();
    return { path: search === '' ? address : `${address}?${search}`, headers, body: sent };
  });
}

const oddText = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    ' ',
    '0',
    '-1',
    '1e9',
    'null',
    '__proto__',
    'constructor',
    '../../x',
    '%',
    '\u0000',
    'wait',
    'meta',
  ),
);

function valueFor(schema: any): fc.Arbitrary<any> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map(valueFor));
  switch (schema.type) {
    case 'string':
      return textFor(schema);
    case 'integer':
    case 'number':
      return fc.integer({
        min: Math.max(schema.minimum ?? 0, -1e6),
        max: Math.min(schema.maximum ?? 1e6, 1e6),
      });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valueFor(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: 4 });
    case 'object': {
      const fields = Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, each]) => [name, valueFor(each)]),
      );
      return fc.record(fields, { requiredKeys: schema.required ?? [] });
    }
    default:
      return fc.jsonValue();
  }
}

function textFor({ pattern, minLength = 0, maxLength = 40 }: any): fc.Arbitrary<string> {
  if (pattern !== undefined)
    return fc.oneof(
      { arbitrary: fc.stringMatching(new RegExp(pattern)), weight: 8 },
      { arbitrary: oddText, weight: 1 },
    );
  return fc.string({ minLength, maxLength: Math.min(maxLength, 60) });
}
