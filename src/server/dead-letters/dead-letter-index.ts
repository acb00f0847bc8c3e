import type { DeadLetterGroup } from '../../shared/dead-letter-desk.js';
import type { DeadLetterFilter, DeadLetterQueue, StoredDeadLetter } from '../../shared/dead-letter-queue.js';
import type { RedisClient } from '../../shared/redis-connection.js';
import { HttpProblem } from '../problem.js';

interface Entry {
  readonly id: string;
  readonly code: string;
  readonly requestId: string;
  readonly invocationId: string;
  readonly instances: number;
  /** Milliseconds since the epoch. */
  readonly deadAt: number;
}

export interface LetterPage {
  readonly deadLetters: readonly StoredDeadLetter[];
  readonly nextCursor?: string;
  /** Letters that fit, on all pages. */
  readonly total: number;
}

const idsPerLook = 10_000;
const lettersPerRead = 500;
const examplesPerGroup = 3;
const freshForMs = 500;

/**
 * What the dead letters are, in this process' memory, so that groups and filtered pages need no walk over all of them:
 * about 200 bytes a letter. The queue stays the truth: each look compares ids with it, and reads only letters that are
 * new. The very first look reads all of them.
 */
export class DeadLetterIndex {
  #entries = new Map<string, Entry>();
  /** The oldest first. */
  #sorted: Entry[] = [];
  #syncedAt = Number.NEGATIVE_INFINITY;
  #syncing: Promise<void> | undefined;

  constructor(
    private readonly client: RedisClient,
    private readonly letters: DeadLetterQueue,
  ) {}

  /** Makes the next question look at the queue again, whenever the last look was. */
  forgetFreshness(): void {
    this.#syncedAt = Number.NEGATIVE_INFINITY;
  }

  /** The oldest first. The cursor stays good while letters come and go. */
  async page(filter: DeadLetterFilter, page: { cursor?: string; limit: number }): Promise<LetterPage> {
    await this.#sync();
    const fitting = this.#sorted.filter((entry) => matches(entry, filter));
    const after = page.cursor === undefined ? undefined : readCursor(page.cursor);
    const start = after === undefined ? 0 : fitting.findIndex((entry) => compare(entry, after) > 0);
    const shown = start < 0 ? [] : fitting.slice(start, start + page.limit);
    const last = shown.at(-1);
    const hasMore = last !== undefined && last !== fitting.at(-1);
    return {
      deadLetters: await this.#read(shown),
      ...(hasMore ? { nextCursor: formatCursor(last) } : {}),
      total: fitting.length,
    };
  }

  /** Letters by code, the largest group first. */
  async groups(filter: DeadLetterFilter = {}): Promise<DeadLetterGroup[]> {
    await this.#sync();
    const groups = new Map<string, Entry[]>();
    for (const entry of this.#sorted) {
      if (!matches(entry, filter)) continue;
      const group = groups.get(entry.code);
      if (group === undefined) groups.set(entry.code, [entry]);
      else group.push(entry);
    }
    const described = [...groups].map(async ([code, entries]) => ({
      code,
      letters: entries.length,
      instances: entries.reduce((sum, entry) => sum + entry.instances, 0),
      firstDeadAt: new Date(entries[0]?.deadAt ?? 0).toISOString(),
      lastDeadAt: new Date(entries.at(-1)?.deadAt ?? 0).toISOString(),
      examples: await this.#read(entries.slice(-examplesPerGroup)),
    }));
    return (await Promise.all(described)).sort((a, b) => b.letters - a.letters);
  }

  /** Letters by code, for metrics. */
  async countByCode(): Promise<Map<string, number>> {
    await this.#sync();
    const counts = new Map<string, number>();
    for (const { code } of this.#sorted) counts.set(code, (counts.get(code) ?? 0) + 1);
    return counts;
  }

  async #read(entries: readonly Entry[]): Promise<StoredDeadLetter[]> {
    const letters = await Promise.all(entries.map(({ id }) => this.letters.read(id)));
    return letters.filter((letter) => letter !== undefined);
  }

  async #sync(): Promise<void> {
    if (performance.now() - this.#syncedAt < freshForMs) return;
    this.#syncing ??= this.#compare().finally(() => {
      this.#syncing = undefined;
    });
    await this.#syncing;
  }

  async #compare(): Promise<void> {
    const startedAt = performance.now();
    const ids = await this.#ids();
    const missing = [...ids].filter((id) => !this.#entries.has(id));
    const gone = this.#entries.size + missing.length !== ids.size;
    for (let from = 0; from < missing.length; from += lettersPerRead) {
      await this.#learn(missing.slice(from, from + lettersPerRead));
    }
    if (gone) {
      for (const id of this.#entries.keys()) if (!ids.has(id)) this.#entries.delete(id);
    }
    if (gone || missing.length > 0) this.#sorted = [...this.#entries.values()].sort(compare);
    this.#syncedAt = startedAt;
  }

  /** The ids in the queue. One that moves between two looks may be met twice, which does no harm. */
  async #ids(): Promise<Set<string>> {
    const key = this.letters.queue.toKey('wait');
    const ids = new Set<string>();
    // From the end where the oldest are: new ones come in at the other end and shift nothing.
    for (let from = 0; ; from += idsPerLook) {
      const part = await this.client.lrange(key, -from - idsPerLook, -from - 1);
      for (const id of part) ids.add(id);
      if (part.length < idsPerLook) return ids;
    }
  }

  async #learn(ids: readonly string[]): Promise<void> {
    const letters = await Promise.all(ids.map((id) => this.letters.read(id)));
    for (const letter of letters) {
      if (letter === undefined) continue;
      const { id, error, requestId, target, deadAt } = letter;
      this.#entries.set(id, {
        id,
        code: error.code,
        requestId,
        invocationId: target.invocationId,
        instances: target.instanceIds?.length ?? 1,
        deadAt: Date.parse(deadAt),
      });
    }
  }
}

function matches(entry: Entry, filter: DeadLetterFilter): boolean {
  return (
    (filter.code === undefined || entry.code === filter.code) &&
    (filter.requestId === undefined || entry.requestId === filter.requestId) &&
    (filter.invocationId === undefined || entry.invocationId === filter.invocationId) &&
    (filter.deadBefore === undefined || entry.deadAt < filter.deadBefore)
  );
}

type Place = Pick<Entry, 'deadAt' | 'id'>;

function compare(a: Place, b: Place): number {
  if (a.deadAt !== b.deadAt) return a.deadAt - b.deadAt;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

function formatCursor({ deadAt, id }: Place): string {
  return Buffer.from(`${deadAt} ${id}`).toString('base64url');
}

function readCursor(cursor: string): Place {
  const [deadAt = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (!/^\d+$/.test(deadAt)) {
    throw new HttpProblem('INVALID_REQUEST', 'The cursor is none of this list.', {
      problems: [{ path: 'cursor', message: 'is not one that a page before has given' }],
    });
  }
  return { deadAt: Number(deadAt), id };
}
