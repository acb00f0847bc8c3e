import {
  type IdPattern,
  instanceIdPattern,
  invocationIdPattern,
  regionPattern,
} from '../../shared/id-patterns.js';
import type { Target } from '../../shared/schemas.js';

/** What one line of a list of targets says; the command line reads files the same way. */
export type TargetLine =
  | { readonly kind: 'target'; readonly target: Target }
  /** Empty, or a comment. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'bad'; readonly reason: string };

const columns = ['invocationid', 'instanceid', 'region'] as const;
const patterns: readonly IdPattern[] = [invocationIdPattern, instanceIdPattern, regionPattern];

/** Reads `inv`, `inv,ins`, `inv,ins,region` (fields may be quoted as in CSV) or a target as a JSON object. */
export function parseTargetLine(line: string): TargetLine {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return { kind: 'nothing' };
  return /^[{[]/.test(text) ? parseJsonTarget(text) : parseCsvTarget(text);
}

/** True for a line of column names, however they are written. */
export function isHeaderLine(line: string): boolean {
  const fields = splitFields(line.trim());
  return (
    fields !== undefined &&
    fields.length <= columns.length &&
    fields.every((field, index) => field.toLowerCase().replace(/[\s_-]/g, '') === columns[index])
  );
}

function parseCsvTarget(text: string): TargetLine {
  const fields = splitFields(text);
  if (fields === undefined) return bad(`has unbalanced quotes: ${quoted(text)}`);
  if (fields.length > columns.length) {
    return bad(`has ${fields.length} fields, and at most 3 are known: invocation, instance, region`);
  }
  const [invocationId = '', instanceId, region] = fields;
  // An empty column is far more often a failed export than the wish to cancel a whole invocation.
  if (instanceId === '') {
    return bad('has an empty instance id; for the whole invocation leave the column out');
  }
  for (const [index, field] of fields.entries()) {
    const wrong = complaintOf(field, patterns[index]);
    if (wrong !== undefined) return bad(wrong);
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

const jsonFields = new Set(['invocationId', 'instanceIds', 'region']);

function parseJsonTarget(text: string): TargetLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad(`is not JSON: ${quoted(text)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return bad('is not a target: an object with an invocationId is wanted');
  }
  const unknown = Object.keys(value).filter((name) => !jsonFields.has(name));
  if (unknown.length > 0) return bad(`has unknown fields: ${unknown.join(', ')}`);
  const { invocationId, instanceIds, region } = value as Record<string, unknown>;
  const wrong =
    complaintOf(invocationId, invocationIdPattern) ??
    (region === undefined ? undefined : complaintOf(region, regionPattern)) ??
    (instanceIds === undefined ? undefined : complaintOfIds(instanceIds));
  return wrong === undefined ? { kind: 'target', target: value as Target } : bad(wrong);
}

function complaintOfIds(ids: unknown): string | undefined {
  if (!Array.isArray(ids)) return 'has instanceIds that are no list';
  if (ids.length === 0) return 'has an empty list of instanceIds; leave it out for the whole invocation';
  for (const id of ids) {
    const wrong = complaintOf(id, instanceIdPattern);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function complaintOf(value: unknown, rule: IdPattern | undefined): string | undefined {
  if (rule === undefined) return undefined;
  if (typeof value !== 'string')
    return `${value === undefined ? 'nothing' : quoted(JSON.stringify(value))} ${rule.complaint}`;
  return rule.pattern.test(value) ? undefined : `${quoted(value)} ${rule.complaint}`;
}

/** The fields of a CSV line without the blanks around them; undefined when its quotes do not match. */
function splitFields(text: string): string[] | undefined {
  if (!text.includes('"')) return text.split(',').map((field) => field.trim());
  const fields: string[] = [];
  const field = /\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(,|$)/y;
  for (;;) {
    const match = field.exec(text);
    if (match === null) return undefined;
    fields.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? '').trim());
    if (match[3] === '') return fields;
  }
}

function quoted(text: string): string {
  return `“${text.length > 60 ? `${text.slice(0, 60)}…` : text}”`;
}

function bad(reason: string): TargetLine {
  return { kind: 'bad', reason };
}
