import { LuaScript } from '../ledger/script.js';
import type { RedisClient } from '../redis-connection.js';
import { type RedisKeys, redisKeys } from '../redis-keys.js';
import {
  type DeadLetterFilter,
  formatCursor,
  IndexRange,
  instancesOf,
  matches,
  readCursor,
  type StoredDeadLetter,
} from './dead-letter-filter.js';
import { readStoredText, unreadableCode } from './stored-text.js';

const clearTracesScript = new LuaScript(
  'clear-dead-letter-traces.lua',
  new URL('../ledger/', import.meta.url).href,
);

export interface DeadLetterPage {
  readonly deadLetters: StoredDeadLetter[];
  /** Leads on to the next page; left out on the last one. It stays good while dead letters come and go. */
  readonly nextCursor?: string;
}

export interface DeadLetterGroup {
  readonly code: string;
  readonly letters: number;
  /** A whole invocation counts as one. */
  readonly instances: number;
  /** ISO 8601. */
  readonly firstDeadAt: string;
  readonly lastDeadAt: string;
  /** A few of them, the latest last. */
  readonly examples: readonly StoredDeadLetter[];
}

const lettersPerRead = 500;
const idsPerRead = 5_000;
const examplesPerGroup = 3;

/** Where dead letters are looked at. The ledger writes them, in the step in which their instances die. */
export class DeadLetterStore {
  readonly #keys: RedisKeys;

  constructor(
    private readonly client: RedisClient,
    prefix: string,
  ) {
    this.#keys = redisKeys(prefix);
  }

  /** Undefined when there is no such dead letter. One whose content cannot be read says so. */
  async read(id: string): Promise<StoredDeadLetter | undefined> {
    const text = await this.client.hget(this.#keys.deadLetters, id);
    return text === null ? undefined : { id, ...readStoredText(id, text) };
  }

  async readMany(ids: readonly string[]): Promise<(StoredDeadLetter | undefined)[]> {
    if (ids.length === 0) return [];
    const texts = await this.client.hmget(this.#keys.deadLetters, ...ids);
    return ids.map((id, index) => {
      const text = texts[index];
      return typeof text === 'string' ? { id, ...readStoredText(id, text) } : undefined;
    });
  }

  /**
   * The oldest first.
   * @throws {RangeError} for a cursor that is none
   */
  async list(filter: DeadLetterFilter, page: { cursor?: string; limit: number }): Promise<DeadLetterPage> {
    const after = page.cursor === undefined ? undefined : readCursor(page.cursor);
    if (page.cursor !== undefined && after === undefined)
      throw new RangeError('not a cursor of dead letters');
    const deadLetters: StoredDeadLetter[] = [];
    let last = '';
    for await (const { letter, cursor } of this.#walk(filter, after, page.limit + 1)) {
      if (deadLetters.length === page.limit) return { deadLetters, nextCursor: formatCursor(last) };
      deadLetters.push(letter);
      last = cursor;
    }
    return { deadLetters };
  }

  /** Every dead letter that fits, from the oldest on, in bounded memory. */
  async *all(filter: DeadLetterFilter = {}): AsyncGenerator<StoredDeadLetter> {
    for await (const { letter } of this.#walk(filter, undefined, lettersPerRead)) yield letter;
  }

  /** The ids of all that fit now. */
  async ids(filter: DeadLetterFilter): Promise<string[]> {
    const range = new IndexRange(filter);
    const ids: string[] = [];
    if (!range.isExact) {
      for await (const { id } of this.all(filter)) ids.push(id);
      return ids;
    }
    for (let cursor: string | undefined; ; ) {
      const members = await this.#members(range, cursor, idsPerRead);
      for (const member of members) ids.push(range.idOf(member));
      if (members.length < idsPerRead) return ids;
      cursor = range.cursorOf(members.at(-1) ?? '');
    }
  }

  /** The oldest of them first. */
  async latestIds(most: number): Promise<string[]> {
    const range = new IndexRange({});
    const [min, max] = range.after();
    const key = this.#keys.deadLetterIndex;
    const members = await this.client.zrevrangebylex(key, max, min, 'LIMIT', 0, most);
    return members.map((member) => range.idOf(member)).reverse();
  }

  async count(filter: DeadLetterFilter = {}): Promise<number> {
    const range = new IndexRange(filter);
    if (range.isExact) return await this.client.zlexcount(this.#keys.deadLetterIndex, ...range.after());
    return (await this.ids(filter)).length;
  }

  /** Dead letters by code, the largest group first. */
  async groups(filter: DeadLetterFilter = {}): Promise<DeadLetterGroup[]> {
    const { code, ...others } = filter;
    const groups =
      Object.keys(others).length === 0 ? await this.#groupsAtOnce(code) : await this.#groupsByWalking(filter);
    return groups.sort((a, b) => b.letters - a.letters);
  }

  async countByCode(): Promise<Map<string, number>> {
    return new Map([...(await this.#counts())].map(([code, { letters }]) => [code, letters]));
  }

  async #groupsAtOnce(only: string | undefined): Promise<DeadLetterGroup[]> {
    const counts = [...(await this.#counts())].filter(([code]) => only === undefined || code === only);
    const groups = await Promise.all(
      counts.map(async ([code, { letters, instances }]) => {
        if (code === unreadableCode) return await this.#groupsByWalking({ code });
        const range = new IndexRange({ code });
        const [min, max] = range.after();
        const key = this.#keys.deadLetterIndex;
        const [first, latest] = await Promise.all([
          this.client.zrangebylex(key, min, max, 'LIMIT', 0, 1),
          this.client.zrevrangebylex(key, max, min, 'LIMIT', 0, examplesPerGroup),
        ]);
        const shown = await this.readMany(
          [...first, ...latest.reverse()].map((member) => range.idOf(member)),
        );
        const [oldest, ...examples] = shown.filter((letter) => letter !== undefined);
        if (oldest === undefined) return [];
        const lastDeadAt = examples.at(-1)?.deadAt ?? oldest.deadAt;
        return [{ code, letters, instances, firstDeadAt: oldest.deadAt, lastDeadAt, examples }];
      }),
    );
    return groups.flat();
  }

  async #groupsByWalking(filter: DeadLetterFilter): Promise<DeadLetterGroup[]> {
    const groups = new Map<string, DeadLetterGroup>();
    for await (const letter of this.all(filter)) {
      const { code } = letter.error;
      const known = groups.get(code);
      groups.set(code, {
        code,
        letters: (known?.letters ?? 0) + 1,
        instances: (known?.instances ?? 0) + instancesOf(letter),
        firstDeadAt: known?.firstDeadAt ?? letter.deadAt,
        lastDeadAt: letter.deadAt,
        examples: [...(known?.examples ?? []), letter].slice(-examplesPerGroup),
      });
    }
    return [...groups.values()];
  }

  async #counts(): Promise<Map<string, { letters: number; instances: number }>> {
    const fields = await this.client.hgetall(this.#keys.deadLetterCounts);
    const counts = new Map<string, { letters: number; instances: number }>();
    for (const [field, text] of Object.entries(fields)) {
      if (!field.startsWith('letters:')) continue;
      const code = field.slice('letters:'.length);
      const instances = Number(fields[`instances:${code}`]) || 0;
      counts.set(code, { letters: Number(text) || 0, instances });
    }
    return counts;
  }

  async *#walk(
    filter: DeadLetterFilter,
    after: string | undefined,
    atATime: number,
  ): AsyncGenerator<{ letter: StoredDeadLetter; cursor: string }> {
    const range = new IndexRange(filter);
    const perRead = Math.min(lettersPerRead, atATime);
    for (let cursor = after; ; ) {
      const members = await this.#members(range, cursor, perRead);
      const letters = await this.readMany(members.map((member) => range.idOf(member)));
      const gone: string[] = [];
      for (const [index, member] of members.entries()) {
        const letter = letters[index];
        if (letter === undefined) gone.push(member);
        else if (matches(letter, filter)) yield { letter, cursor: range.cursorOf(member) };
      }
      if (gone.length > 0) await this.#clearTraces(gone, range);
      if (members.length < perRead) return;
      cursor = range.cursorOf(members.at(-1) ?? '');
    }
  }

  async #members(range: IndexRange, cursor: string | undefined, most: number): Promise<string[]> {
    const [min, max] = range.after(cursor);
    return await this.client.zrangebylex(this.#keys.deadLetterIndex, min, max, 'LIMIT', 0, most);
  }

  /** Of dead letters that were changed or removed by hand; those that were just dealt with have left none. */
  async #clearTraces(members: readonly string[], range: IndexRange): Promise<void> {
    const key = this.#keys.deadLetterIndex;
    const scores = await this.client.zmscore(key, ...members);
    const gone = new Set(
      members.filter((_member, index) => scores[index] !== null).map((member) => range.idOf(member)),
    );
    if (gone.size === 0) return;
    for await (const found of this.client.zscanStream(key, { count: lettersPerRead })) {
      const traces = (found as string[]).filter(
        (member, index) => index % 2 === 0 && gone.has(/\|\d{16}\|(.*)$/.exec(member)?.[1] ?? ''),
      );
      if (traces.length > 0) await clearTracesScript.run(this.client, [key], [this.#keys.ledger, ...traces]);
    }
  }
}
