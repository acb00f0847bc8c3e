import { Queue } from 'bullmq';
import { isDamagedData } from '../damaged-data.js';
import { LuaScript } from '../ledger/script.js';
import { deadLetterQueueName } from '../queue-names.js';
import type { RedisClient } from '../redis-connection.js';
import { type RedisKeys, redisKeys } from '../redis-keys.js';
import type { DeadLetter } from '../schemas.js';
import { DeadLetterStore } from './dead-letter-store.js';
import { formatStoredText, readQueuedLetter, unreadableCode } from './stored-text.js';

const takeOverScript = new LuaScript(
  'take-over-dead-letters.lua',
  new URL('../ledger/', import.meta.url).href,
);

/** The name of each job here. 0.1.0, which kept the dead letters themselves in this queue, used another one. */
const jobName = 'projection';
const nameIn010 = 'dead-letter';

const defaultShown = 1_000;
const jobsPerStep = 500;

/**
 * The latest dead letters as jobs of a BullMQ queue, for bull-board and other tools that show queues. It may be emptied or
 * changed by hand, and is then made good; nothing is decided from it.
 */
export class DeadLetterProjection {
  readonly queue: Queue<DeadLetter>;
  readonly #store: DeadLetterStore;
  readonly #keys: RedisKeys;
  /** Jobs that need no second look for what 0.1.0 may have brought. */
  #looked: ReadonlySet<string> = new Set();

  constructor(
    private readonly client: RedisClient,
    prefix: string,
    /** How many are shown. */
    private readonly most: number = defaultShown,
  ) {
    this.#store = new DeadLetterStore(client, prefix);
    this.#keys = redisKeys(prefix);
    this.queue = new Queue<DeadLetter>(deadLetterQueueName, {
      connection: client,
      prefix,
      skipVersionCheck: true,
      skipMetasUpdate: true,
    });
  }

  /**
   * Takes over what 0.1.0 left in its outbox and in this queue. Workers of 0.1.0 that still run may bring more: so do it
   * every now and then. Returns how many dead letters are new to the ledger.
   */
  async takeOver(): Promise<number> {
    return (await this.#takeOverOutbox()) + (await this.#takeOverQueue());
  }

  /** Makes the queue show the latest dead letters and no others. */
  async refresh(): Promise<void> {
    const list = this.queue.toKey('wait');
    while ((await this.client.llen(list)) > this.most) {
      // The oldest are at the end. Taken away one by one, each would cost a walk along the list.
      const ids = (await this.client.rpop(list, jobsPerStep)) ?? [];
      if (ids.length === 0) break;
      await this.client.unlink(...ids.map((id) => this.queue.toKey(id)));
    }
    const [wanted, shown] = await Promise.all([
      this.#store.latestIds(this.most),
      this.client.lrange(list, 0, -1),
    ]);
    const known = new Set(shown);
    const missing = wanted.filter((id) => !known.has(id));
    for (let from = 0; from < missing.length; from += jobsPerStep) {
      await this.#show(missing.slice(from, from + jobsPerStep));
    }
    const stays = new Set(wanted);
    for (const id of shown) if (!stays.has(id)) await this.#hide(id);
  }

  async close(): Promise<void> {
    await this.queue.close();
  }

  async #show(ids: readonly string[]): Promise<void> {
    const letters = await this.#store.readMany(ids);
    const jobs = letters.flatMap((letter) => {
      if (letter === undefined) return [];
      const { id, ...data } = letter;
      return [{ name: jobName, data, opts: { jobId: id, attempts: 1, removeOnFail: false } }];
    });
    // What is left of a job that somebody took out of the list would keep the new one out.
    await this.client.unlink(...ids.map((id) => this.queue.toKey(id)));
    await this.queue.addBulk(jobs);
  }

  /** A job that somebody else put here is left alone. */
  async #hide(id: string): Promise<void> {
    const name = await this.#nameOf(id);
    if (name === undefined || name === jobName) await this.#remove(id);
  }

  async #remove(id: string): Promise<void> {
    await this.client.multi().unlink(this.queue.toKey(id)).lrem(this.queue.toKey('wait'), 0, id).exec();
  }

  /** Undefined for a job that is gone or cannot be read. */
  async #nameOf(id: string): Promise<string | undefined> {
    try {
      return (await this.client.hget(this.queue.toKey(id), 'name')) ?? undefined;
    } catch (error) {
      if (isDamagedData(error)) return undefined;
      throw error;
    }
  }

  async #takeOverOutbox(): Promise<number> {
    const outbox = this.#keys.deadLetterOutbox;
    let taken = 0;
    let cursor = '0';
    do {
      const [next, fields] = await this.client.hscan(outbox, cursor, 'COUNT', jobsPerStep);
      if (fields.length > 0) taken += await this.#take(fields);
      cursor = next;
    } while (cursor !== '0');
    await this.client.unlink(this.#keys.deadLetterOrder, this.#keys.deadLetterSequence);
    return taken;
  }

  async #takeOverQueue(): Promise<number> {
    const looked = new Set<string>();
    const damaged: string[] = [];
    let taken = 0;
    // From the end where the oldest are: new ones come in at the other end and shift nothing.
    for (let from = 0; ; from += jobsPerStep) {
      const ids = await this.client.lrange(this.queue.toKey('wait'), -from - jobsPerStep, -from - 1);
      for (const id of ids) looked.add(id);
      const unknown = ids.filter((id) => !this.#looked.has(id)).reverse();
      const fields = (await Promise.all(unknown.map((id) => this.#of010(id, damaged)))).flat();
      if (fields.length > 0) taken += await this.#take(fields);
      if (ids.length < jobsPerStep) break;
    }
    for (const id of damaged) await this.#remove(id);
    this.#looked = looked;
    return taken;
  }

  /** Id and content of a dead letter that 0.1.0 put here; what cannot be read goes, to be shown anew. */
  async #of010(id: string, damaged: string[]): Promise<[id: string, text: string] | []> {
    try {
      const [name, data] = await this.client.hmget(this.queue.toKey(id), 'name', 'data');
      if (name !== nameIn010) return [];
      const letter = readQueuedLetter(id, data ?? '');
      if (letter.error.code === unreadableCode) damaged.push(id);
      return [id, formatStoredText(letter)];
    } catch (error) {
      if (!isDamagedData(error)) throw error;
      damaged.push(id);
      return [id, formatStoredText(readQueuedLetter(id, ''))];
    }
  }

  async #take(fields: readonly string[]): Promise<number> {
    const { handledLetters, deadLetterOutbox, ledger } = this.#keys;
    const args = [ledger, this.queue.toKey(''), jobName, ...fields];
    return Number(await takeOverScript.run(this.client, [handledLetters, deadLetterOutbox], args));
  }
}
