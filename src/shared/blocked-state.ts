import { z } from 'zod';
import { blockScopes } from './failure-policy.js';
import { LuaScript } from './ledger/script.js';
import { parseJson } from './parse-json.js';
import type { RedisClient } from './redis-connection.js';
import { redisKeys } from './redis-keys.js';

const raiseScript = new LuaScript('raise-block.lua', import.meta.url);
const readScript = new LuaScript('read-blocks.lua', import.meta.url);

const blockedStateSchema = z.object({
  code: z.string(),
  message: z.string(),
  /** The region whose call found the fault. */
  region: z.string(),
  /** Milliseconds since the epoch. */
  since: z.number(),
  worker: z.string(),
  /** Which calls would fail for the same cause. Version 0.1.0 left it out. */
  scope: z.enum(blockScopes).default('everything'),
  /** The access point that is blocked, unless it is the only one. */
  accessPoint: z.string().optional(),
  /** How many targets are refused, for the scope `targets`. */
  targets: z.number().optional(),
});

/** Why some or all calls are not made, and since when. */
export type BlockedState = z.infer<typeof blockedStateSchema>;

/** Everything that keeps calls back. */
export interface Blocks {
  /** Why no calls are made at all. */
  readonly held: BlockedState | undefined;
  /** By id: what keeps only some calls back. */
  readonly partial: ReadonlyMap<string, BlockedState>;
}

/** That calls are held is said by the key; a note that cannot be read takes nothing away from that. */
const unreadable: BlockedState = {
  code: 'Unreadable',
  message: 'What Redis holds of the held state cannot be read.',
  region: 'ap-singapore',
  since: 0,
  worker: '',
  scope: 'everything',
};

/** A partial block ends by itself when no call has met its cause for so long. */
const lastsMs = 60_000;

/** What is blocked, as all processes share it. */
export class BlockedStateStore {
  readonly #held: string;
  readonly #blocked: string;
  readonly #probeLease: string;

  constructor(
    private readonly client: RedisClient,
    prefix?: string,
  ) {
    const keys = redisKeys(prefix);
    this.#held = keys.held;
    this.#blocked = keys.blocked;
    this.#probeLease = keys.lease('probe');
  }

  /** Why no calls are made at all; undefined while some may. */
  async read(): Promise<BlockedState | undefined> {
    const text = await this.client.get(this.#held);
    return text === null ? undefined : readState(text);
  }

  async readAll(): Promise<Blocks> {
    const reply = await readScript.run(this.client, [this.#held, this.#blocked], []);
    const [held = '', ...blocked] = reply as string[];
    const partial = new Map<string, BlockedState>();
    for (let at = 0; at < blocked.length; at += 2) {
      partial.set(blocked[at] ?? '', readState(blocked[at + 1] ?? ''));
    }
    return { held: held === '' ? undefined : readState(held), partial };
  }

  /** Keeps all calls back. The first one to find a fault says why; later ones change nothing. */
  async raise(state: BlockedState): Promise<void> {
    await this.client.set(this.#held, JSON.stringify(state), 'NX');
  }

  /** Keeps some calls back until `clearPartial`, or until nobody has done this for a minute. */
  async raisePartial(id: string, state: BlockedState, mode: 'keep' | 'replace' = 'keep'): Promise<void> {
    const args = [id, lastsMs, JSON.stringify(state), mode === 'replace' ? '1' : '0'];
    await raiseScript.run(this.client, [this.#blocked], args);
  }

  async clear(): Promise<void> {
    await this.client.del(this.#held);
  }

  async clearPartial(id: string): Promise<void> {
    await this.client.hdel(this.#blocked, id);
  }

  /** True for one process at a time: the one that probes now, and ends it within `ms`. */
  async mayProbe(ms: number): Promise<boolean> {
    return (await this.client.set(this.#probeLease, '1', 'PX', ms, 'NX')) === 'OK';
  }

  /** The probe is over; nobody may probe for another `ms`. */
  async endProbe(ms: number): Promise<void> {
    await this.client.set(this.#probeLease, '1', 'PX', ms);
  }
}

function readState(text: string): BlockedState {
  return blockedStateSchema.safeParse(parseJson(text)).data ?? unreadable;
}
