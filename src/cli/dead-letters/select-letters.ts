import { type Command, InvalidArgumentError } from 'commander';
import type { DeadLetterFilter, DeadLetterSelection } from '../../shared/dead-letters/index.js';
import { parseAge } from '../age.js';
import { UsageError } from '../cli-errors.js';

export interface FilterOptions {
  readonly code?: string;
  readonly request?: string;
  readonly invocation?: string;
  /** In ms. */
  readonly olderThan?: number;
}

export interface SelectionOptions extends FilterOptions {
  readonly all?: true;
}

const minuteMs = 60_000;
const longestAgeMs = 366 * 24 * 60 * minuteMs;

/** The options that narrow dead letters down. */
export function addFilterOptions(command: Command): Command {
  return command
    .option('--code <code>', 'only those with this error code')
    .option('--request <requestId>', 'only those of this request')
    .option('--invocation <invocationId>', 'only those of this invocation')
    .option(
      '--older-than <age>',
      'only those that died before that (30m, 2h, 1d; a bare number is minutes)',
      readAge,
    );
}

export function filterFrom({ code, request, invocation, olderThan }: FilterOptions): DeadLetterFilter {
  return {
    ...(code === undefined ? {} : { code }),
    ...(request === undefined ? {} : { requestId: request }),
    ...(invocation === undefined ? {} : { invocationId: invocation }),
    ...(olderThan === undefined ? {} : { deadBefore: Date.now() - olderThan }),
  };
}

function readAge(text: string): number {
  const ageMs = /^\d{1,6}$/.test(text) ? Number(text) * minuteMs : parseAge(text);
  if (ageMs !== undefined && ageMs <= longestAgeMs) return ageMs;
  throw new InvalidArgumentError('It must be an age such as 30m, 2h or 1d, of 366 days at most.');
}

/**
 * Ids, or a filter, or all on demand: a forgotten filter must not mean everything.
 * @throws {UsageError}
 */
export function selectionFrom(ids: readonly string[], options: SelectionOptions): DeadLetterSelection {
  const filter = filterFrom(options);
  const hasFilter = Object.keys(filter).length > 0;
  if (ids.length > 0) {
    if (hasFilter || options.all) throw new UsageError('Give either letter ids or filters, not both.');
    return { ids };
  }
  if (!hasFilter && !options.all) {
    throw new UsageError(
      'Say which letters: by id, by --code, --request, --invocation or --older-than, or --all.',
    );
  }
  return { filter };
}
