import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { UsageError } from '../cli-errors.js';
import { formatCount } from '../text-format.js';
import { readLines } from './read-lines.js';
import { TargetCollection } from './target-collection.js';
import { isHeaderLine, parseTargetLine } from './target-line.js';

/** More bad lines than this are counted, but not printed. */
const mostPrinted = 100;

export interface TargetsFile {
  readonly targets: TargetCollection;
  /** Lines that named a target. */
  readonly lines: number;
}

/**
 * Reads a whole targets file into memory, each instance once, before anything is enqueued: a file with one bad line is
 * refused as a whole.
 * @throws {UsageError} naming every bad line with its number and reason, or why the file cannot be read
 */
export async function readTargetsFile(
  path: string,
  { stdin, defaultRegion }: { stdin: Readable; defaultRegion: string | undefined },
): Promise<TargetsFile> {
  const source = path === '-' ? 'standard input' : path;
  const reader = new TargetsReader(defaultRegion);
  try {
    for await (const lines of readLines(path === '-' ? stdin : createReadStream(path))) reader.read(lines);
  } catch (error) {
    throw asUsageError(error, source);
  }
  reader.complainAboutBadLines(source);
  if (reader.named === 0) throw new UsageError(`${source} names no targets; nothing was enqueued.`);
  return { targets: reader.targets, lines: reader.named };
}

class TargetsReader {
  readonly targets = new TargetCollection();
  named = 0;
  #number = 0;
  #isHeaderPossible = true;
  #bad = 0;
  readonly #complaints: string[] = [];

  constructor(private readonly defaultRegion: string | undefined) {}

  read(lines: readonly string[]): void {
    for (const line of lines) {
      this.#number += 1;
      const reason = this.#readLine(line);
      if (reason === undefined) continue;
      this.#bad += 1;
      if (this.#bad <= mostPrinted) this.#complaints.push(`  line ${this.#number}: ${reason}`);
    }
  }

  complainAboutBadLines(source: string): void {
    if (this.#bad === 0) return;
    const plural = this.#bad === 1 ? 'a bad line' : `${formatCount(this.#bad)} bad lines`;
    const more =
      this.#bad > mostPrinted ? `\n  and ${formatCount(this.#bad - mostPrinted)} more bad lines` : '';
    throw new UsageError(
      `${source} has ${plural}; nothing was enqueued:\n${this.#complaints.join('\n')}${more}`,
    );
  }

  /** Returns what is wrong with the line. */
  #readLine(line: string): string | undefined {
    const parsed = parseTargetLine(line);
    if (parsed.kind === 'nothing') return undefined;
    const mayBeHeader = this.#isHeaderPossible;
    this.#isHeaderPossible = false;
    if (parsed.kind === 'bad') return mayBeHeader && isHeaderLine(line) ? undefined : parsed.reason;
    const { invocationId, instanceIds, region = this.defaultRegion } = parsed.target;
    if (region === undefined) {
      return 'names no region, and there is no default: give --region or set TENCENTCLOUD_REGION';
    }
    this.targets.add(region, invocationId, instanceIds);
    this.named += 1;
    return undefined;
  }
}

function asUsageError(error: unknown, source: string): unknown {
  if (error instanceof UsageError || !(error instanceof Error)) return error;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return new UsageError(`There is no file ${source}.`);
    case 'EISDIR':
      return new UsageError(`${source} is a directory, not a file.`);
    case 'EACCES':
    case 'EPERM':
      return new UsageError(`${source} may not be read: ${error.message}`);
    default:
      return error;
  }
}
