import type { Readable } from 'node:stream';
import { UsageError } from '../cli-errors.js';

/** A line may hold a JSON target with every instance of a request, but not a whole binary file. */
const longestLine = 8 * 1024 * 1024;

/**
 * The lines of a UTF-8 stream, in batches as they come (awaiting each single one would take most of the time). Line
 * ends may be LF or CRLF; a byte order mark is taken off.
 * @throws {UsageError} when it is no text, or a line has no end within 8 MiB
 */
export async function* readLines(stream: Readable): AsyncGenerator<string[]> {
  stream.setEncoding('utf8');
  let rest = '';
  let isFirst = true;
  for await (const chunk of stream as AsyncIterable<string>) {
    const text: string = isFirst && chunk.startsWith('\uFEFF') ? chunk.slice(1) : chunk;
    isFirst = false;
    if (text.includes('\0')) {
      throw new UsageError(
        'The file is no UTF-8 text, but perhaps UTF-16: save it as UTF-8. Nothing was enqueued.',
      );
    }
    const lines = text.split('\n');
    lines[0] = rest + (lines[0] ?? '');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) {
      throw new UsageError(
        'The file has a line of more than 8 MiB: it is no list of targets. Nothing was enqueued.',
      );
    }
    if (lines.length > 0) yield lines;
  }
  if (rest !== '') yield [rest];
}
