import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RedisClient } from '../redis-connection.js';

/** A Lua script from a file beside the module at `from`; `-- include: <file>` puts another one in front of it. */
export class LuaScript {
  readonly #source: string;
  readonly #sha: string;

  constructor(fileName: string, from: string = import.meta.url) {
    this.#source = load(fileName, from);
    this.#sha = createHash('sha1').update(this.#source).digest('hex');
  }

  /** Runs in one step; nothing else happens in Redis meanwhile. Sends the text only to a server that lacks it. */
  async run(
    client: RedisClient,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    // In one array, which the client takes apart: a request of 100,000 jobs has more values than a call can spread.
    const values = [...keys, ...args] as unknown as string;
    try {
      return await client.evalsha(this.#sha, keys.length, values);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return await client.eval(this.#source, keys.length, values);
    }
  }
}

function load(fileName: string, from: string): string {
  const text = readFileSync(new URL(`./${fileName}`, from), 'utf8');
  return text.replace(/^-- include: (\S+)$/gm, (_line, included: string) => load(included, from));
}
