import type { IncomingHttpHeaders } from 'node:http';

/** A header that is sent once; the empty string when it is absent. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : (value ?? '');
}
