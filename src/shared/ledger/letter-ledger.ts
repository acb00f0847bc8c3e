import type { JobRef } from '../job-ref.js';
import { deadLetterQueueName } from '../queue-names.js';
import type { RedisClient } from '../redis-connection.js';
import { defaultPrefix, type RedisKeys, redisKeys } from '../redis-keys.js';
import { LuaScript } from './script.js';

const redriveScript = new LuaScript('redrive.lua');
const discardScript = new LuaScript('discard.lua');

export interface LetterTarget {
  readonly region: string;
  readonly invocationId: string;
  /** Left out for a whole invocation. */
  readonly instanceIds?: readonly string[];
}

export type RedriveReply =
  /** The ledger has no such job: it was put into the queue by hand, or its request is long forgotten. */
  | { kind: 'unknown' }
  /** Somebody has dealt with the letter before. */
  | { kind: 'handled' }
  | { kind: 'redriven'; instances: number; ref: JobRef; round: number };

/** Who did what to a dead letter, kept in the audit. */
export interface AuditNote {
  readonly at: string;
  readonly action: 'redrive' | 'discard';
  readonly by: string;
  readonly letterId: string;
  readonly requestId: string;
  readonly code: string;
  readonly instances: number;
  readonly reason?: string;
}

/** What the ledger does with dead letters that somebody deals with. */
export class LetterLedger {
  readonly #keys: RedisKeys;

  constructor(
    private readonly client: RedisClient,
    private readonly prefix: string = defaultPrefix,
  ) {
    this.#keys = redisKeys(prefix);
  }

  /** Lets the instances of a letter wait again, attempts anew; `target` takes the place of the one that it names. */
  async redrive(
    ref: JobRef,
    letterId: string,
    instanceIds: readonly string[],
    target: LetterTarget | undefined,
    note: AuditNote,
  ): Promise<RedriveReply> {
    const keys = this.#at(ref.requestId, letterId);
    const newTarget = target === undefined ? '' : `${target.region}|${target.invocationId}`;
    const [kind, instances, position, round] = (await redriveScript.run(this.client, keys, [
      this.#keys.ledger,
      ref.requestId,
      ref.position,
      letterId,
      instanceIds.join(' '),
      newTarget,
      JSON.stringify(note),
    ])) as [RedriveReply['kind'], number, number, number];
    if (kind !== 'redriven') return { kind };
    return { kind, instances, ref: { requestId: ref.requestId, position }, round };
  }

  /** False when somebody has dealt with the letter before. */
  async discard(requestId: string, letterId: string, instances: number, note: AuditNote): Promise<boolean> {
    const keys = this.#at(requestId, letterId);
    const args = [letterId, instances, JSON.stringify(note)];
    return (await discardScript.run(this.client, keys, args)) === 1;
  }

  /** Letters that were dealt with and may still be in their queue. */
  async handled(): Promise<string[]> {
    return await this.client.hkeys(this.#keys.handledLetters);
  }

  /** Call it once the letters are out of their queue. */
  async forgetHandled(letterIds: readonly string[]): Promise<void> {
    if (letterIds.length > 0) await this.client.hdel(this.#keys.handledLetters, ...letterIds);
  }

  /** The latest notes of the audit, the newest first. */
  async audit(most: number): Promise<AuditNote[]> {
    const entries = await this.client.xrevrange(this.#keys.audit, '+', '-', 'COUNT', most);
    return entries.map(([, fields]) => JSON.parse(fields[1] ?? '{}') as AuditNote);
  }

  #at(requestId: string, letterId: string): string[] {
    const letter = `${this.prefix}:${deadLetterQueueName}:${letterId}`;
    return [this.#keys.request(requestId), this.#keys.handledLetters, this.#keys.audit, letter];
  }
}
