import { z } from 'zod';
import { parseJson } from './parse-json.js';
import type { RedisClient } from './redis-connection.js';
import { redisKeys } from './redis-keys.js';

const pauseStateSchema = z.object({
  /** Milliseconds since the epoch. */
  since: z.number(),
  by: z.string().optional(),
  reason: z.string().optional(),
});

/** Since when no calls are made because somebody wanted it so, who that was and why. */
export type PauseState = z.infer<typeof pauseStateSchema>;

/** What a person who pauses may say. */
export interface PauseNote {
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
}

/** Notes for people beside the queue's own pause flag, which alone decides. */
export class PauseStateStore {
  readonly #key: string;

  constructor(
    private readonly client: RedisClient,
    prefix?: string,
  ) {
    this.#key = redisKeys(prefix).paused;
  }

  /** Undefined when nobody left a note, or none that can be read. */
  async read(): Promise<PauseState | undefined> {
    const text = await this.client.get(this.#key);
    return text === null ? undefined : pauseStateSchema.safeParse(parseJson(text)).data;
  }

  /** Whoever paused first stays noted until `forget`. */
  async note({ by, reason }: PauseNote): Promise<void> {
    const state: PauseState = {
      since: Date.now(),
      ...(by === undefined ? {} : { by }),
      ...(reason === undefined ? {} : { reason }),
    };
    await this.client.set(this.#key, JSON.stringify(state), 'NX');
  }

  async forget(): Promise<void> {
    await this.client.del(this.#key);
  }
}
