import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than any step of a worker that leaves a job between two places for a moment. */
const betweenLooksMs = 500;

/** What a look finds twice in a row: workers move jobs all the time, and a single look can fall in between. */
export async function findLasting(look: () => Promise<readonly string[]>): Promise<string[]> {
  const first = new Set(await look());
  if (first.size === 0) return [];
  await sleep(betweenLooksMs);
  return (await look()).filter((each) => first.has(each));
}

/** `3 jobs (req-1.0, req-1.1, …)` */
export function nameSome(ids: readonly string[], noun: string): string {
  const named = ids.slice(0, 3).join(', ');
  return `${ids.length} ${noun}${ids.length === 1 ? '' : 's'} (${named}${ids.length > 3 ? ', …' : ''})`;
}
