import type { LetterFilter } from '../api/answers.js';

/** Addresses of 0.1.0, as people have kept them. */
const formerNames = {
  requestId: 'request',
  invocationId: 'invocation',
  olderThanSeconds: 'olderThan',
} as const;

/**
 * What the address narrows the dead letters down to. Everything on the page that shows, counts, changes or takes away
 * letters goes by this one filter.
 */
export function letterFilterOf(query: URLSearchParams): LetterFilter {
  const text = (name: keyof typeof formerNames) =>
    query.get(name) || query.get(formerNames[name]) || undefined;
  const code = query.get('code') || undefined;
  const [requestId, invocationId, age] = [text('requestId'), text('invocationId'), text('olderThanSeconds')];
  return {
    ...(code === undefined ? {} : { code }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(invocationId === undefined ? {} : { invocationId }),
    ...(age !== undefined && /^\d{1,8}$/.test(age) ? { olderThanSeconds: Number(age) } : {}),
  };
}

/** As the address has it, with nothing left of former names. */
export function queryOf(filter: LetterFilter): Record<string, string> {
  const { code = '', requestId = '', invocationId = '', olderThanSeconds } = filter;
  return {
    code,
    requestId,
    invocationId,
    olderThanSeconds: olderThanSeconds === undefined ? '' : String(olderThanSeconds),
    ...Object.fromEntries(Object.values(formerNames).map((name) => [name, ''])),
  };
}

export function isFiltered(filter: LetterFilter): boolean {
  return Object.keys(filter).length > 0;
}
