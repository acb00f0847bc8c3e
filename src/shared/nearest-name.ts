import { distance } from 'fastest-levenshtein';

/** Comparing what is much longer than any name takes seconds, and such a text comes near none. */
const longestName = 100;

/** The known name that was probably meant, whatever its case; undefined when none comes near. */
export function nearestName(text: string, known: readonly string[]): string | undefined {
  const given = text.slice(0, longestName).toLowerCase();
  const far = (name: string) => {
    const lower = name.toLowerCase();
    // Half a name, or one with something after it, is meant far more often than another name of the same length.
    const isPart = given.length >= 4 && (lower.startsWith(given) || given.startsWith(lower));
    return isPart ? 1 : distance(given, lower);
  };
  let nearest: string | undefined;
  for (const name of known) if (nearest === undefined || far(name) < far(nearest)) nearest = name;
  return nearest !== undefined && far(nearest) <= Math.max(1, given.length / 3) ? nearest : undefined;
}
