import type { AuditAction } from '../../shared/audit/audit-entry.js';

/** What people call each change. The compiler asks for every action that there is. */
export const auditWords: Readonly<Record<AuditAction, string>> = {
  'log-in': 'Logged in',
  'log-out': 'Logged out',
  enqueue: 'Asked for a request',
  withdraw: 'Withdrew a request',
  pause: 'Paused all calls',
  resume: 'Resumed calls',
  'set-limit': 'Set the limit of calls',
  'reset-limit': 'Reset the limit of calls',
  'redrive-letters': 'Redrove dead letters',
  'discard-letters': 'Discarded dead letters',
  'redrive-letter': 'Redrove one dead letter',
  'discard-letter': 'Discarded one dead letter',
  unreadable: 'Cannot be read',
};

export function parseAction(text: string | null): AuditAction | undefined {
  return (Object.keys(auditWords) as AuditAction[]).find((action) => action === text);
}

/** Details on one line, the ones that people look for first. */
export function describeDetails(details: Readonly<Record<string, unknown>>): string {
  const { reason, ...rest } = details;
  const parts = Object.entries(rest).map(([name, value]) => `${name}: ${textOf(value)}`);
  return [...(reason === undefined ? [] : [textOf(reason)]), ...parts].join(' · ').slice(0, longestDetails);
}

const longestDetails = 300;

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
