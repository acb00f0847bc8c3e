import { z } from 'zod';
import { EnqueueError } from './errors.js';
import type { RedisClient } from './redis-connection.js';
import { type RedisKeys, redisKeys } from './redis-keys.js';
import { WorkerRoster } from './worker-roster.js';

const liveLimitSchema = z.object({
  callsPerSecond: z.coerce.number().int().min(1),
  /** Milliseconds since the epoch. */
  since: z.coerce.number(),
  by: z.string().optional(),
  reason: z.string().optional(),
});

/** How many calls a second all workers may make until that is reset, who set that and why. */
export type LiveLimit = z.infer<typeof liveLimitSchema>;

/** What the limit is and where it comes from: the answer of every interface. */
export interface LimitReport {
  /** Calls a second that all workers keep to. */
  readonly callsPerSecond: number;
  /** What they are set to with CALLS_PER_SECOND. */
  readonly setting: number;
  /** What somebody has set at run time; null when nobody has. */
  readonly live: LiveLimit | null;
}

export interface LimitChange {
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
  /** An entry for the audit, written in the same step; left out where the caller keeps one itself. */
  readonly auditNote?: object | undefined;
}

const mostNotes = 100_000;

/**
 * The live limit. The scripts of the rate limiter read it with each permit, so every worker obeys at its next one; it
 * never raises anything above CALLS_PER_SECOND.
 */
export class LiveLimitStore {
  readonly #keys: RedisKeys;
  readonly #roster: WorkerRoster;

  constructor(
    private readonly client: RedisClient,
    prefix: string,
    /** The own setting, for when no worker tells its. */
    private readonly ownSetting: number,
  ) {
    this.#keys = redisKeys(prefix);
    this.#roster = new WorkerRoster(client, prefix);
  }

  async read(): Promise<LimitReport> {
    const [setting, live] = await Promise.all([this.#setting(), readLiveLimit(this.client, this.#keys)]);
    return {
      callsPerSecond: Math.min(live?.callsPerSecond ?? setting, setting),
      setting,
      live: live ?? null,
    };
  }

  /** @throws {EnqueueError} `INVALID_REQUEST` when it is above what workers are set to */
  async set(callsPerSecond: number, change: LimitChange): Promise<LimitReport> {
    const setting = await this.#setting();
    if (callsPerSecond > setting) {
      const message = `cannot be ${callsPerSecond}: workers are set to ${setting}. Raise CALLS_PER_SECOND of all workers first, if the account has that quota`;
      throw new EnqueueError('INVALID_REQUEST', 'The limit cannot be set.', [
        { path: 'callsPerSecond', message },
      ]);
    }
    const fields = {
      callsPerSecond,
      since: Date.now(),
      ...(change.by === undefined ? {} : { by: change.by }),
      ...(change.reason === undefined ? {} : { reason: change.reason }),
    };
    await this.#change(change, (multi) => multi.hset(this.#keys.liveLimit, fields));
    return await this.read();
  }

  async reset(change: LimitChange): Promise<LimitReport> {
    await this.#change(change, (multi) => multi);
    return await this.read();
  }

  async #change(
    { auditNote }: LimitChange,
    apply: (multi: ReturnType<RedisClient['multi']>) => ReturnType<RedisClient['multi']>,
  ): Promise<void> {
    const multi = apply(this.client.multi().del(this.#keys.liveLimit));
    if (auditNote !== undefined) {
      multi.xadd(this.#keys.audit, 'MAXLEN', '~', mostNotes, '*', 'note', JSON.stringify(auditNote));
    }
    const replies = await multi.exec();
    for (const [error] of replies ?? []) if (error !== null) throw error;
  }

  async #setting(): Promise<number> {
    const limits = (await this.#roster.alive()).map((worker) => worker.callsPerSecondLimit ?? 0);
    return Math.max(...limits) > 0 ? Math.max(...limits) : this.ownSetting;
  }
}

/** Undefined when there is none, or none that can be read. */
export async function readLiveLimit(client: RedisClient, keys: RedisKeys): Promise<LiveLimit | undefined> {
  return liveLimitSchema.safeParse(await client.hgetall(keys.liveLimit)).data;
}
