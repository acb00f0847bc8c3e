import { LuaScript } from './ledger/script.js';
import type { RedisClient } from './redis-connection.js';
import { redisKeys } from './redis-keys.js';

const recordScript = new LuaScript('record-calls.lua', import.meta.url);
const readScript = new LuaScript('read-calls.lua', import.meta.url);

/** As long as calls are remembered. */
export const historySeconds = 600;

/** More than is ever read, so that a reader never meets a place that a writer with later news has taken over. */
const ringPlaces = 720;

const callsPerScript = 200;

/** One second of cancel calls, by the clock of Redis. */
export interface CallSecond {
  /** Seconds since the epoch. */
  readonly second: number;
  readonly calls: number;
  /** Instances that the cloud accepted in calls of this second; a whole invocation counts as one. */
  readonly instances: number;
  /** Calls that the cloud refused for their rate. */
  readonly refusals: number;
}

/** One cancel call, told once its answer is in. */
export interface CallNote {
  /** How long ago it was sent, in ms. */
  readonly ageMs: number;
  /** Instances that the cloud accepted with it. */
  readonly instances: number;
  readonly refused: boolean;
}

/** How many cancel calls all workers made, second by second, for the last ten minutes. */
export class CallHistory {
  readonly #key: string;

  constructor(
    private readonly client: RedisClient,
    prefix?: string,
  ) {
    this.#key = redisKeys(prefix).calls;
  }

  /** One round trip for up to 200 calls. Calls older than ten minutes are passed over. */
  async record(calls: readonly CallNote[]): Promise<void> {
    for (let from = 0; from < calls.length; from += callsPerScript) {
      const args = calls
        .slice(from, from + callsPerScript)
        .flatMap(({ ageMs, instances, refused }) => [
          Math.max(0, Math.round(ageMs)),
          instances,
          refused ? 1 : 0,
        ]);
      await recordScript.run(this.client, [this.#key], [ringPlaces, ...args]);
    }
  }

  /**
   * The last `seconds` whole seconds (600 at most), the oldest first; those without calls too. The running second is
   * left out.
   */
  async read(seconds: number): Promise<CallSecond[]> {
    const count = Math.min(Math.max(1, Math.floor(seconds)), historySeconds);
    const [now, ...entries] = (await readScript.run(this.client, [this.#key], [ringPlaces, count])) as [
      number,
      ...(string | null)[],
    ];
    return entries.map((entry, index) => {
      const second = Number(now) - count + index;
      const [writtenIn, calls = 0, instances = 0, refusals = 0] = (entry ?? '')
        .split(' ')
        .map((part) => Number(part) || 0);
      if (writtenIn !== second) return { second, calls: 0, instances: 0, refusals: 0 };
      return { second, calls, instances, refusals };
    });
  }
}
