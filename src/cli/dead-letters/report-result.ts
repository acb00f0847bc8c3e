import { userInfo } from 'node:os';
import type { LetterResult } from '../../shared/dead-letter-desk.js';
import type { Output } from '../output.js';
import { countOf } from '../text-format.js';

/** Who works at this terminal, for the audit. */
export function currentUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown'; // a user id without a name, as in some containers
  }
}

/** Says what was done, or would be. */
export function reportResult(
  result: LetterResult,
  { done, planned }: { done: string; planned: string },
  options: { json?: true; dryRun?: true },
  output: Output,
): void {
  if (options.json) {
    output.printJson({ dryRun: options.dryRun === true, ...result });
    return;
  }
  const what = `${countOf(result.letters, 'letter')} with ${countOf(result.instances, 'instance')}`;
  output.print(`${options.dryRun ? planned : done} ${what}.`);
  if (result.unknown.length > 0) {
    output.print(
      `${countOf(result.unknown.length, 'letter')} left alone, whose request is not known (any more): ${result.unknown.slice(0, 10).join(', ')}`,
    );
  }
}
