import { z } from 'zod';
import { parseJson } from './parse-json.js';
import type { RedisClient } from './redis-connection.js';
import { redisKeys } from './redis-keys.js';

const workerReportSchema = z.object({
  name: z.string(),
  /** When it was written (ms since the epoch, the worker's clock). */
  at: z.number(),
  startedAt: z.number(),
  /** The pace in force, which all workers share. */
  callsPerSecond: z.number(),
  /** The configured limit; workers of an earlier version do not say. */
  callsPerSecondLimit: z.number().optional(),
  /** The endpoint that it calls, in the one spelling that all have; workers of an earlier version do not say. */
  endpoint: z.string().optional(),
  /** Jobs that it holds. */
  jobs: z.number(),
  /** Refusals for the call limit that it has met. */
  refusals: z.number(),
});

/** What a worker says of itself every few seconds. */
export type WorkerReport = z.infer<typeof workerReportSchema>;

/** A worker that has said nothing for so long is taken for dead. */
const silentAfterMs = 10_000;

/** Which workers are alive, as they say themselves. */
export class WorkerRoster {
  readonly #key: string;

  constructor(
    private readonly client: RedisClient,
    prefix?: string,
  ) {
    this.#key = redisKeys(prefix).workers;
  }

  async report(report: WorkerReport): Promise<void> {
    await this.client.hset(this.#key, report.name, JSON.stringify(report));
  }

  async leave(name: string): Promise<void> {
    await this.client.hdel(this.#key, name);
  }

  /** Those heard of within the last ten seconds. Forgets the others. */
  async alive(): Promise<WorkerReport[]> {
    const entries = Object.entries(await this.client.hgetall(this.#key));
    const now = Date.now();
    const alive: WorkerReport[] = [];
    const silent: string[] = [];
    for (const [name, text] of entries) {
      const { data: report } = workerReportSchema.safeParse(parseJson(text));
      // What cannot be read is not the word of a living worker: that one writes anew within seconds.
      if (report === undefined || now - report.at > silentAfterMs) silent.push(name);
      else alive.push(report);
    }
    if (silent.length > 0) await this.client.hdel(this.#key, ...silent);
    return alive;
  }
}
