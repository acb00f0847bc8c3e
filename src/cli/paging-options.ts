import type { Command } from 'commander';
import { wholeNumber } from './whole-number.js';

export interface PagingOptions<Cursor = number> {
  readonly limit: number;
  readonly cursor?: Cursor;
  readonly json?: true;
}

interface PagingBounds {
  readonly limit: number;
  readonly most: number;
  readonly about?: string;
}

/** The options of every command that lists things in pages; `readCursor` throws for what is no cursor of its list. */
export function addPagingOptions(
  command: Command,
  { limit, most, about = 'at most' }: PagingBounds,
  readCursor: (text: string) => string | number = wholeNumber(0, Number.MAX_SAFE_INTEGER),
): Command {
  return command
    .option('--limit <count>', `${about} this many, up to ${most}`, wholeNumber(1, most), limit)
    .option('--cursor <cursor>', 'where to go on, from the list before', readCursor)
    .option('--json', 'print one JSON document');
}
