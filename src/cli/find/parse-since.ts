import { parseAge } from '../age.js';

const isoTime = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * The moment that `2h` (ago) or an ISO time names, in ms since the epoch; a text says what is wrong with it. Times
 * without a zone are local, as the user's clock shows them.
 */
export function parseSince(text: string, nowMs: number): number | string {
  const ageMs = parseAge(text);
  if (ageMs !== undefined) return nowMs - ageMs;
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const sinceMs = isoTime.test(text) ? Date.parse(isDate ? `${text}T00:00` : text) : Number.NaN;
  if (Number.isNaN(sinceMs))
    return 'must be an age such as 30m, 2h or 7d, or a time such as 2026-03-05T16:00Z.';
  if (sinceMs > nowMs) return 'lies in the future.';
  return sinceMs;
}
