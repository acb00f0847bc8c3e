import type { z } from 'zod';
import { parseJson } from '../parse-json.js';

/** The latest moment that a date can tell. */
const lastMoment = 8.64e15;

/**
 * Fields of a hash, read without trust: somebody may have changed them by hand. What cannot be read counts as not
 * there, and is named in `damaged`, so that one broken entry neither hides others nor passes for a whole one.
 */
export class StoredFields<Name extends string> {
  readonly #damaged = new Set<Name>();

  constructor(private readonly values: Readonly<Partial<Record<Name, string | undefined>>>) {}

  /** Names of the fields that could not be read so far. */
  get damaged(): readonly Name[] {
    return [...this.#damaged];
  }

  text(name: Name): string | undefined {
    return this.values[name];
  }

  /** A whole number that is not negative; 0 when there is none. */
  count(name: Name): number {
    const text = this.values[name];
    if (text === undefined) return 0;
    const number = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
    if (number === undefined) this.#damaged.add(name);
    return number ?? 0;
  }

  /** A moment, stored in ms since the epoch, in ISO 8601. */
  time(name: Name): string | undefined {
    const milliseconds = this.count(name);
    if (this.values[name] === undefined || this.#damaged.has(name)) return undefined;
    if (milliseconds <= lastMoment) return new Date(milliseconds).toISOString();
    this.#damaged.add(name);
    return undefined;
  }

  json<Value>(name: Name, schema: z.ZodType<Value>): Value | undefined {
    const text = this.values[name];
    if (text === undefined) return undefined;
    const parsed = schema.safeParse(parseJson(text));
    if (!parsed.success) this.#damaged.add(name);
    return parsed.data;
  }
}
