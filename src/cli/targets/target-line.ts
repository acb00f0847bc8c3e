import { parse as parseCsv } from 'csv-parse/sync';
import { instanceIdPattern } from '../../shared/id-patterns.js';
import { findExcess } from '../../shared/json-bounds.js';
import {
  describeIssues,
  instanceIdSchema,
  invocationIdSchema,
  regionSchema,
  type Target,
  targetSchema,
} from '../../shared/schemas.js';
import { quoteText } from '../text-format.js';

/** What one line of a targets file says. */
export type TargetLine =
  | { readonly kind: 'target'; readonly target: Target }
  /** Empty, or a comment. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'bad'; readonly reason: string };

const longList = 1_000;
const longText = 10_000;
const nothing: TargetLine = { kind: 'nothing' };
const columns = ['invocationid', 'instanceid', 'region'] as const;
const fieldSchemas = [invocationIdSchema, instanceIdSchema, regionSchema] as const;

/** Reads `inv`, `inv,ins`, `inv,ins,region` (fields may be quoted as in CSV) or a target as a JSON object. */
export function parseTargetLine(line: string): TargetLine {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return nothing;
  return /^[{[]/.test(text) ? parseJsonTarget(text) : parseCsvTarget(text);
}

/** True for `invocationId`, `invocationId,instanceId` and so on, however written: `Invocation_ID` is fine. */
export function isHeaderLine(line: string): boolean {
  const fields = splitFields(line.trim());
  return (
    Array.isArray(fields) &&
    fields.length <= columns.length &&
    fields.every((field, index) => field.toLowerCase().replace(/[\s_-]/g, '') === columns[index])
  );
}

function parseJsonTarget(text: string): TargetLine {
  // A line may have megabytes, and a megabyte of brackets takes the parser seconds.
  const excess = text.length < longText ? undefined : findExcess(Buffer.from(text));
  if (excess !== undefined) return bad(`is JSON that ${excess}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad(`is not JSON: ${quoteText(text)}`);
  }
  const strange = findStrangeId(value);
  if (strange !== undefined) return bad(strange);
  const parsed = targetSchema.safeParse(value);
  if (parsed.success) return { kind: 'target', target: parsed.data };
  const [first, ...others] = describeIssues(parsed.error, 'target');
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return bad(`${first?.path}: ${first?.message}${more}`);
}

/** A list as long as the line may be is left at its first bad id: naming a million of them takes most of a minute. */
function findStrangeId(value: unknown): string | undefined {
  const { instanceIds } = Object(value) as { instanceIds?: unknown };
  if (!Array.isArray(instanceIds) || instanceIds.length < longList) return undefined;
  const at = instanceIds.findIndex((id) => typeof id !== 'string' || !instanceIdPattern.pattern.test(id));
  return at < 0 ? undefined : `target.instanceIds[${at}]: ${instanceIdPattern.complaint}`;
}

function parseCsvTarget(text: string): TargetLine {
  const fields = splitFields(text);
  if (!Array.isArray(fields)) return bad(fields.problem);
  if (fields.length > columns.length) {
    return bad(`has ${fields.length} fields, and at most 3 are known: invocationId, instanceId, region`);
  }
  const [invocationId = '', instanceId, region] = fields;
  // An empty column is far more often a failed export than the wish to cancel a whole invocation.
  if (instanceId === '') {
    return bad(
      'has an empty instance id; for the whole invocation leave the column out, or write {"invocationId": …, "region": …}',
    );
  }
  for (const [index, schema] of fieldSchemas.entries()) {
    const field = fields[index];
    if (field === undefined) continue;
    const checked = schema.safeParse(field);
    if (!checked.success) return bad(`${quoteText(field)} ${checked.error.issues[0]?.message}`);
  }
  return {
    kind: 'target',
    target: {
      invocationId,
      ...(instanceId === undefined ? {} : { instanceIds: [instanceId] }),
      ...(region === undefined ? {} : { region }),
    },
  };
}

/** Most lines have no quotes; only the others need a real CSV parser. No field may hold a line break. */
function splitFields(text: string): string[] | { problem: string } {
  if (!text.includes('"')) return text.split(',').map((field) => field.trim());
  try {
    const [fields = []] = parseCsv(text, { trim: true });
    return fields;
  } catch {
    return { problem: `has unbalanced quotes: ${quoteText(text)}` };
  }
}

function bad(reason: string): TargetLine {
  return { kind: 'bad', reason };
}
