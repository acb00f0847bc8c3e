import type { StoredDeadLetter } from '../../shared/dead-letters/index.js';
import { judge } from '../../shared/failure-table.js';

/** What a code means and what to do about it, in plain words. */
export function codeWords(code: string): { readonly meaning: string; readonly advice: string } {
  const { meaning, advice } = judge(code).row;
  return { meaning, advice };
}

/** A whole invocation counts as one. */
export function instancesOf({ target }: StoredDeadLetter): number {
  return target.instanceIds?.length ?? 1;
}

/** `ins-1 and ins-2`, `ins-1, ins-2 and 98 more`, `the whole invocation` */
export function describeInstances(instanceIds: readonly string[] | undefined): string {
  if (instanceIds === undefined) return 'the whole invocation';
  const [first = '', second] = instanceIds;
  if (second === undefined) return first;
  return instanceIds.length === 2
    ? `${first} and ${second}`
    : `${first}, ${second} and ${instanceIds.length - 2} more`;
}

/** Codes that another region or invocation may cure. */
export function mayNeedOtherTarget(codes: readonly string[]): boolean {
  return codes.some((code) => /NotFound|NotRelated|Invalid|Region/.test(code));
}
