/** A time as the API writes it, in whole seconds; null for what has not happened. */
export function apiTime(epochMs: number | undefined): string | null {
  return epochMs === undefined ? null : `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}
