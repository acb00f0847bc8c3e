import { z } from 'zod';
import { parseJson } from './parse-json.js';
import type { RedisClient } from './redis-connection.js';
import { redisKeys } from './redis-keys.js';

const heldStateSchema = z.object({
  code: z.string(),
  message: z.string(),
  /** The region whose call found the fault. */
  region: z.string(),
  /** Milliseconds since the epoch. */
  since: z.number(),
  worker: z.string(),
});

/** Why no calls are made, and since when. */
export type HeldState = z.infer<typeof heldStateSchema>;

/** That calls are held is said by the key; a note that cannot be read takes nothing away from that. */
const unreadable: HeldState = {
  code: 'Unreadable',
  message: 'What Redis holds of the held state cannot be read.',
  region: 'ap-singapore',
  since: 0,
  worker: '',
};

/** The held state that all processes share. */
export class HeldStateStore {
  readonly #key: string;
  readonly #probeLease: string;

  constructor(
    private readonly client: RedisClient,
    prefix?: string,
  ) {
    const keys = redisKeys(prefix);
    this.#key = keys.held;
    this.#probeLease = keys.lease('probe');
  }

  /** Undefined while work may go on. */
  async read(): Promise<HeldState | undefined> {
    const text = await this.client.get(this.#key);
    return text === null ? undefined : (heldStateSchema.safeParse(parseJson(text)).data ?? unreadable);
  }

  /** The first one to find a fault says why; later ones change nothing. */
  async raise(state: HeldState): Promise<void> {
    await this.client.set(this.#key, JSON.stringify(state), 'NX');
  }

  async clear(): Promise<void> {
    await this.client.del(this.#key);
  }

  /** True for one process at a time: the one that probes within the next `ms`. */
  async mayProbe(ms: number): Promise<boolean> {
    return (await this.client.set(this.#probeLease, '1', 'PX', ms, 'NX')) === 'OK';
  }
}
