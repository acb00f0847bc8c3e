import type { CallSecond } from '../../shared/call-history.js';

/** Seconds that the plot shows. */
export const historySeconds = 600;

/** Adds what a stream brought: later news of the same second replaces earlier ones, and what is too old goes. */
export function mergeSeconds(known: readonly CallSecond[], news: readonly CallSecond[]): CallSecond[] {
  if (news.length === 0) return [...known];
  const bySecond = new Map(known.map((each) => [each.second, each]));
  for (const each of news) bySecond.set(each.second, each);
  const merged = [...bySecond.values()].sort((a, b) => a.second - b.second);
  const newest = merged.at(-1)?.second ?? 0;
  return merged.filter(({ second }) => second > newest - historySeconds);
}
