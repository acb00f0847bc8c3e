import type { Command } from 'commander';
import type { LetterSelection } from '../../shared/dead-letter-desk.js';
import type { DeadLetterFilter } from '../../shared/dead-letter-queue.js';
import { UsageError } from '../cli-errors.js';
import { wholeNumber } from '../whole-number.js';

export interface FilterOptions {
  readonly code?: string;
  readonly request?: string;
  readonly invocation?: string;
  readonly olderThan?: number;
}

export interface SelectionOptions extends FilterOptions {
  readonly all?: true;
}

const minuteMs = 60_000;

/** The options that narrow dead letters down. */
export function addFilterOptions(command: Command): Command {
  return command
    .option('--code <code>', 'only those with this error code')
    .option('--request <requestId>', 'only those of this request')
    .option('--invocation <invocationId>', 'only those of this invocation')
    .option('--older-than <minutes>', 'only those that died before', wholeNumber(0, 60 * 24 * 366));
}

export function filterFrom({ code, request, invocation, olderThan }: FilterOptions): DeadLetterFilter {
  return {
    ...(code === undefined ? {} : { code }),
    ...(request === undefined ? {} : { requestId: request }),
    ...(invocation === undefined ? {} : { invocationId: invocation }),
    ...(olderThan === undefined ? {} : { deadBefore: Date.now() - olderThan * minuteMs }),
  };
}

/**
 * Ids, or a filter, or all on demand: a forgotten filter must not mean everything.
 * @throws {UsageError}
 */
export function selectionFrom(ids: readonly string[], options: SelectionOptions): LetterSelection {
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
