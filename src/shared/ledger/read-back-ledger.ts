import { type JobRef, parseJobId } from '../job-ref.js';
import type { RedisClient } from '../redis-connection.js';
import { type RedisKeys, redisKeys } from '../redis-keys.js';
import { LuaScript } from './script.js';

const takeScript = new LuaScript('take-read-backs.lua');
const putOffScript = new LuaScript('put-off-read-back.lua');
const nameMembersScript = new LuaScript('name-members.lua');

/** An invocation whose accepted instances are due to be looked at. */
export interface DueReadBack {
  readonly region: string;
  readonly invocationId: string;
  /** The jobs whose instances wait for it. */
  readonly refs: readonly JobRef[];
}

/** What the ledger knows of accepted instances whose end is not known yet. */
export class ReadBackLedger {
  readonly #keys: RedisKeys;

  constructor(
    private readonly client: RedisClient,
    prefix?: string,
  ) {
    this.#keys = redisKeys(prefix);
  }

  /** Up to `most` due invocations, and the time by Redis' clock. Each is due again after `leaseMs` unless put off. */
  async takeDue(most: number, leaseMs: number): Promise<{ now: number; due: DueReadBack[] }> {
    const reply = await takeScript.run(
      this.client,
      [this.#keys.readBackDue],
      [this.#keys.ledger, most, leaseMs],
    );
    const [now, ...rest] = reply as string[];
    const due: DueReadBack[] = [];
    for (let at = 0; at < rest.length; at += 2) {
      const [region = '', invocationId = ''] = (rest[at] ?? '').split('|');
      const refs = (rest[at + 1] ?? '').split(' ').flatMap((ref) => parseJobId(ref) ?? []);
      due.push({ region, invocationId, refs });
    }
    return { now: Number(now), due };
  }

  /** Looks again after the delay; forgets an invocation of which nothing is merely accepted any more. */
  async putOff({ region, invocationId }: DueReadBack, delayMs: number): Promise<void> {
    const keys = [this.#keys.readBackDue, this.#keys.accepted(region, invocationId)];
    await putOffScript.run(this.client, keys, [`${region}|${invocationId}`, delayMs]);
  }

  /** Gives each instance of a whole invocation a letter of its own. Does nothing the second time. */
  async nameMembers(ref: JobRef, instanceIds: readonly string[]): Promise<boolean> {
    const reply = await nameMembersScript.run(
      this.client,
      [this.#keys.request(ref.requestId)],
      [ref.position, instanceIds.join(' '), instanceIds.length],
    );
    return reply === 1;
  }
}
