import type { Command } from 'commander';
import { wholeNumber } from './whole-number.js';

export interface PagingOptions {
  readonly limit: number;
  readonly cursor?: number;
  readonly json?: true;
}

/** The options of every command that lists things in pages. */
export function addPagingOptions(
  command: Command,
  { limit, most, about = 'at most' }: { limit: number; most: number; about?: string },
): Command {
  return command
    .option('--limit <count>', `${about} this many, up to ${most}`, wholeNumber(1, most), limit)
    .option(
      '--cursor <cursor>',
      'where to go on, from the list before',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
    )
    .option('--json', 'print one JSON document');
}
