import type { DeadLetter } from '../schemas.js';
import { unreadableCode } from './stored-text.js';

export interface StoredDeadLetter extends DeadLetter {
  readonly id: string;
}

export interface DeadLetterFilter {
  readonly code?: string;
  readonly requestId?: string;
  readonly invocationId?: string;
  /** Only those that died before this moment (ms since the epoch). */
  readonly deadBefore?: number;
}

export function matches(letter: DeadLetter, filter: DeadLetterFilter): boolean {
  return (
    (filter.code === undefined || letter.error.code === filter.code) &&
    (filter.requestId === undefined || letter.requestId === filter.requestId) &&
    (filter.invocationId === undefined || letter.target.invocationId === filter.invocationId) &&
    (filter.deadBefore === undefined || Date.parse(letter.deadAt) < filter.deadBefore)
  );
}

export function instancesOf(letter: DeadLetter): number {
  return letter.target.instanceIds?.length ?? 1;
}

const digitsOfTime = 16;
/** Behind every digit, so that a range up to it ends with the last time. */
const afterDigits = ':';

/** A range of the index in which all dead letters are that fit a filter; see dead-letters.lua. */
export class IndexRange {
  readonly #place: string;
  readonly #end: string;
  /** Whether all that is in the range fits the filter, apart from what was changed by hand. */
  readonly isExact: boolean;

  constructor(filter: DeadLetterFilter) {
    const { code, requestId, invocationId, deadBefore } = filter;
    const isCode = code !== undefined && code !== unreadableCode; // those stand under what they were
    // The narrowest first: few letters are of one request.
    if (requestId !== undefined) this.#place = `r|${requestId}|`;
    else if (invocationId !== undefined) this.#place = `i|${invocationId}|`;
    else this.#place = isCode ? `c|${code}|` : 'a||';
    const named = [code, requestId, invocationId].filter((value) => value !== undefined).length;
    this.isExact = named === 0 || (named === 1 && code !== unreadableCode);
    this.#end = `(${this.#place}${deadBefore === undefined ? afterDigits : timeText(deadBefore)}`;
  }

  /** From the oldest on, or from behind the cursor. */
  after(cursor?: string): [min: string, max: string] {
    return [cursor === undefined ? `[${this.#place}` : `(${this.#place}${cursor}`, this.#end];
  }

  /** The cursor that leads on behind a member of the range. */
  cursorOf(member: string): string {
    return member.slice(this.#place.length);
  }

  idOf(member: string): string {
    return member.slice(this.#place.length + digitsOfTime + 1);
  }
}

function timeText(ms: number): string {
  return Math.max(0, Math.floor(ms)).toFixed(0).padStart(digitsOfTime, '0');
}

/** What people and programs get instead of a cursor as the index has it. */
export function formatCursor(cursor: string): string {
  return Buffer.from(cursor).toString('base64url');
}

/** Undefined for a text that is no cursor. */
export function readCursor(text: string): string | undefined {
  const cursor = Buffer.from(text, 'base64url').toString();
  return /^\d{16}\|./.test(cursor) ? cursor : undefined;
}

export function isCursor(text: string): boolean {
  return readCursor(text) !== undefined;
}
