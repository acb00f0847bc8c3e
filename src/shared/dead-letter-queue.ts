import { Queue } from 'bullmq';
import { isDamagedData } from './damaged-data.js';
import { DeadLetterOrder } from './dead-letter-order.js';
import { deadLetterJobName, deadLetterQueueName } from './queue-names.js';
import type { RedisClient } from './redis-connection.js';
import { redisKeys } from './redis-keys.js';
import type { DeadLetter } from './schemas.js';
import { readLetter, readOutboxEntry } from './stored-letter.js';

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

const lettersPerPipeline = 500;
const idsPerLook = 5_000;

/**
 * What could not be carried out, kept for people. Letters are written in the ledger, in the same step in which their
 * instances die, and brought here from its outbox; bringing one twice leaves one.
 */
export class DeadLetterQueue {
  readonly queue: Queue<DeadLetter>;
  readonly #outbox: string;
  readonly #order: DeadLetterOrder;

  constructor(
    private readonly client: RedisClient,
    prefix: string,
  ) {
    this.#outbox = redisKeys(prefix).deadLetterOutbox;
    this.#order = new DeadLetterOrder(client, prefix);
    this.queue = new Queue<DeadLetter>(deadLetterQueueName, {
      connection: client,
      prefix,
      skipVersionCheck: true,
      skipMetasUpdate: true,
    });
  }

  /** Moves what the ledger has written into the queue. Returns how many letters. */
  async flushOutbox(): Promise<number> {
    let flushed = 0;
    let cursor = '0';
    do {
      const [next, fields] = await this.client.hscan(this.#outbox, cursor, 'COUNT', lettersPerPipeline);
      const letters = [...pairs(fields)].map(([id, text]) => ({ id, letter: readOutboxEntry(id, text) }));
      if (letters.length > 0) {
        await this.#order.add(letters.map(({ id }) => id));
        await this.queue.addBulk(letters.map(({ id, letter }) => toBullJob(id, letter)));
        await this.client.hdel(this.#outbox, ...letters.map(({ id }) => id));
      }
      flushed += letters.length;
      cursor = next;
    } while (cursor !== '0');
    return flushed;
  }

  /** A letter for a job that the ledger does not know. The same job twice leaves one letter. */
  async addOrphan(letter: DeadLetter): Promise<void> {
    const { name, data, opts } = toBullJob(`orphan.${letter.jobId.replaceAll(':', '_')}`, letter);
    await this.#order.add([opts.jobId]);
    await this.queue.add(name, data, opts);
  }

  /**
   * Letters from the oldest on. `nextCursor` leads on to the next page and is left out on the last one; it stays good
   * while letters come and go.
   */
  async list(
    filter: DeadLetterFilter,
    page: { cursor?: number; limit: number },
  ): Promise<{ deadLetters: StoredDeadLetter[]; nextCursor?: number }> {
    const deadLetters: StoredDeadLetter[] = [];
    let at = page.cursor ?? 0;
    let lastShown = at;
    if (at === 0) await this.#numberStrangers();
    for (;;) {
      const places = await this.#order.after(at, lettersPerPipeline);
      const letters = await Promise.all(places.map(({ id }) => this.read(id)));
      for (const [index, { number }] of places.entries()) {
        const letter = letters[index];
        at = number;
        if (letter === undefined || !matches(letter, filter)) continue;
        if (deadLetters.length === page.limit) return { deadLetters, nextCursor: lastShown };
        deadLetters.push(letter);
        lastShown = number;
      }
      if (letters.includes(undefined)) {
        await this.#forgetGone(
          places.map(({ id }) => id).filter((_id, index) => letters[index] === undefined),
        );
      }
      if (places.length < lettersPerPipeline) return { deadLetters };
    }
  }

  /** Undefined when there is no such letter. One whose content cannot be read says so. */
  async read(id: string): Promise<StoredDeadLetter | undefined> {
    const text = await this.client.hget(this.queue.toKey(id), 'data').catch(async (error: unknown) => {
      if (!isDamagedData(error)) throw error;
      // Not a hash: a letter that somebody has replaced, or one of the other keys of the queue.
      return (await this.client.lpos(this.queue.toKey('wait'), id)) === null ? null : '';
    });
    return text === null ? undefined : { id, ...readLetter(id, text) };
  }

  /** Safe to repeat. */
  async remove(id: string): Promise<void> {
    try {
      await this.queue.remove(id);
    } catch (error) {
      if (!isDamagedData(error)) throw error;
      await this.client.multi().del(this.queue.toKey(id)).lrem(this.queue.toKey('wait'), 0, id).exec();
    }
    await this.#order.remove([id]);
  }

  async close(): Promise<void> {
    await this.queue.close();
  }

  /** Letters that another tool, or an earlier version, put into the queue. */
  async #numberStrangers(): Promise<void> {
    const key = this.queue.toKey('wait');
    if ((await this.client.llen(key)) <= (await this.#order.size())) return;
    // The oldest are at the end, and new ones come in at the other: they shift nothing.
    for (let from = 0; ; from += idsPerLook) {
      const ids = await this.client.lrange(key, -from - idsPerLook, -from - 1);
      await this.#order.add(ids.reverse());
      if (ids.length < idsPerLook) return;
    }
  }

  /** Takes numbers back whose letters another tool has removed. One that is just on its way into the queue keeps it. */
  async #forgetGone(ids: readonly string[]): Promise<void> {
    const onTheirWay = await this.client.hmget(this.#outbox, ...ids);
    const rest = ids.filter((_id, index) => onTheirWay[index] === null);
    const present = await Promise.all(rest.map((id) => this.client.exists(this.queue.toKey(id))));
    await this.#order.remove(rest.filter((_id, index) => present[index] === 0));
  }
}

function toBullJob(id: string, letter: DeadLetter) {
  return { name: deadLetterJobName, data: letter, opts: { jobId: id, attempts: 1, removeOnFail: false } };
}

function matches(letter: DeadLetter, filter: DeadLetterFilter): boolean {
  return (
    (filter.code === undefined || letter.error.code === filter.code) &&
    (filter.requestId === undefined || letter.requestId === filter.requestId) &&
    (filter.invocationId === undefined || letter.target.invocationId === filter.invocationId) &&
    (filter.deadBefore === undefined || Date.parse(letter.deadAt) < filter.deadBefore)
  );
}

function* pairs(flat: readonly string[]): Generator<[string, string]> {
  for (let at = 0; at < flat.length; at += 2) yield [flat[at] ?? '', flat[at + 1] ?? ''];
}
