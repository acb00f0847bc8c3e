import type { RedisClient } from '../redis-connection.js';
import { redisKeys } from '../redis-keys.js';
import { type RequestState, type RequestStatus, RequestStatusReader } from './request-status.js';
import { LuaScript } from './script.js';

const findScript = new LuaScript('find-requests.lua');

const requestsPerLook = 500;
const jobsPerLook = 2_000;

export interface RequestQuery {
  readonly state?: RequestState;
  /** In the id, reason, label, who asked, or, when it begins as such, an invocation id. Case does not matter. */
  readonly text?: string;
}

/** Finds requests among many: it looks at them inside Redis, a few milliseconds at a time. */
export class RequestSearch {
  readonly #requests: string;
  readonly #ledger: string;
  readonly #statuses: RequestStatusReader;

  constructor(
    private readonly client: RedisClient,
    prefix?: string,
  ) {
    const keys = redisKeys(prefix);
    this.#requests = keys.requests;
    this.#ledger = keys.ledger;
    this.#statuses = new RequestStatusReader(client, prefix);
  }

  /** From the newest on. `nextCursor` leads on to the next page and is left out on the last one. */
  async list(
    query: RequestQuery,
    page: { cursor?: number; limit: number },
  ): Promise<{ requests: RequestStatus[]; nextCursor?: number }> {
    const text = (query.text ?? '').trim().toLowerCase();
    const invocation = text.startsWith('inv-') ? text : '';
    const hits: { id: string; sequence: number }[] = [];
    let cursor = page.cursor;
    // One more than is shown: nobody shall be sent on to an empty page.
    while (hits.length <= page.limit) {
      const [last = '', ...found] = (await findScript.run(
        this.client,
        [this.#requests],
        [
          this.#ledger,
          cursor === undefined ? '+inf' : `(${cursor}`,
          page.limit + 1 - hits.length,
          requestsPerLook,
          jobsPerLook,
          query.state ?? '',
          text,
          invocation,
        ],
      )) as string[];
      for (let at = 0; at < found.length; at += 2) {
        hits.push({ id: found[at] ?? '', sequence: Number(found[at + 1]) });
      }
      if (last === '') break;
      cursor = Number(last);
    }
    const shown = hits.slice(0, page.limit);
    const statuses = await Promise.all(shown.map(({ id }) => this.#statuses.read(id)));
    const requests = statuses.filter((status) => status !== undefined);
    const end = shown.at(-1);
    return { requests, ...(hits.length > page.limit && end ? { nextCursor: end.sequence } : {}) };
  }
}
