import { userInfo } from 'node:os';
import type { DeadLetterResult } from '../../shared/dead-letters/index.js';
import { type ExitCode, exitCodes } from '../exit-code.js';
import type { Output } from '../output.js';
import { countOf, quoteText } from '../text-format.js';

const mostNamed = 10;

/** Who works at this terminal, for the audit. */
export function currentUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown'; // a user id without a name, as in some containers
  }
}

/** Says what was done, or would be. The exit code is that of bad input when none of the letters was found. */
export function reportResult(
  result: DeadLetterResult,
  { done, planned }: { done: string; planned: string },
  options: { json?: true; dryRun?: true },
  output: Output,
): ExitCode {
  const { letters, instances, unknown, missing } = result;
  if (options.json) output.printJson({ dryRun: options.dryRun === true, ...result });
  else {
    const what = `${countOf(letters, 'letter')} with ${countOf(instances, 'instance')}`;
    output.print(`${options.dryRun ? planned : done} ${what}.`);
    if (unknown.length > 0) {
      output.print(
        `${countOf(unknown.length, 'letter')} left alone, whose request is not known (any more): ${unknown.slice(0, mostNamed).join(', ')}`,
      );
    }
  }
  if (missing.length === 0) return exitCodes.done;
  const named = missing.slice(0, mostNamed).map((id) => quoteText(id));
  const others = missing.length > mostNamed ? ` and ${missing.length - mostNamed} more` : '';
  output.complain(
    `No dead letter (any more) with the id ${named.join(', ')}${others}. tat-cancel dead-letters list shows them.`,
  );
  return letters + unknown.length === 0 ? exitCodes.badInput : exitCodes.done;
}
