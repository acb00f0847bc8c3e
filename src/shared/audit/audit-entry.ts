import { z } from 'zod';
import { parseJson } from '../parse-json.js';

/** What can be in the audit. Single letters are noted beside the order that they were part of. */
export const auditActions = [
  'log-in',
  'log-out',
  'enqueue',
  'withdraw',
  'pause',
  'resume',
  'set-limit',
  'reset-limit',
  'redrive-letters',
  'discard-letters',
  'redrive-letter',
  'discard-letter',
  'unreadable',
] as const;
export type AuditAction = (typeof auditActions)[number];

/** Who changed what, in the one shape in which it is read. */
export const auditEntrySchema = z.object({
  /** Place in the stream, and cursor. */
  id: z.string(),
  /** ISO 8601. */
  at: z.string(),
  action: z.enum(auditActions),
  by: z.string(),
  role: z.string().optional(),
  /** How that was proved: by a token, a session of the page, a proxy, or by being on the machine. */
  via: z.string().optional(),
  /** The cancel request that it is about, if it is one. */
  requestId: z.string().optional(),
  letterId: z.string().optional(),
  httpRequestId: z.string().optional(),
  details: z.record(z.string(), z.unknown()),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

const storedSchema = z.looseObject({
  at: z.string(),
  action: z.string(),
  by: z.string(),
  role: z.string().optional(),
  via: z.string().optional(),
  requestId: z.string().optional(),
  letterId: z.string().optional(),
  httpRequestId: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});

/** The scripts that deal with a letter name what they do by one word. */
const lettersActions: Readonly<Record<string, AuditAction>> = {
  redrive: 'redrive-letter',
  discard: 'discard-letter',
};

/** Reads what any writer has stored; what cannot be read is told as such, since an audit with holes is worse. */
export function readAuditEntry(id: string, text: string): AuditEntry {
  const stored = storedSchema.safeParse(parseJson(text)).data;
  const action = auditActions.find((each) => each === stored?.action) ?? lettersActions[stored?.action ?? ''];
  if (stored === undefined || action === undefined) {
    const at = new Date(Number(id.split('-')[0]) || 0).toISOString();
    return { id, at, action: 'unreadable', by: '', details: { text: text.slice(0, 500) } };
  }
  const {
    at,
    by,
    role,
    via,
    requestId,
    letterId,
    httpRequestId,
    details,
    action: _action,
    ...others
  } = stored;
  return {
    id,
    at,
    action,
    by,
    ...(role === undefined ? {} : { role }),
    ...(via === undefined ? {} : { via }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(letterId === undefined ? {} : { letterId }),
    ...(httpRequestId === undefined ? {} : { httpRequestId }),
    details: { ...others, ...details },
  };
}
