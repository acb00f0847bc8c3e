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
    let highest = page.cursor === undefined ? '+inf' : `(${page.cursor}`;
    let position = 0;
    // One more than is shown: nobody shall be sent on to an empty page.
    while (hits.length <= page.limit) {
      const most = page.limit + 1 - hits.length;
      const state = query.state ?? '';
      const [last, resumeAt, ...found] = (await findScript.run(
        this.client,
        [this.#requests],
        [this.#ledger, highest, most, requestsPerLook, jobsPerLook, state, text, invocation, position],
      )) as [string, number, ...string[]];
      for (let at = 0; at < found.length; at += 2) {
        hits.push({ id: found[at] ?? '', sequence: Number(found[at + 1]) });
      }
      if (last === '') break;
      position = resumeAt;
      highest = resumeAt > 0 ? last : `(${last}`;
    }
    const shown = hits.slice(0, page.limit);
    const statuses = await Promise.all(shown.map(({ id }) => this.#statuses.read(id)));
    const requests = statuses.filter((status) => status !== undefined);
    const end = shown.at(-1);
    return { requests, ...(hits.length > page.limit && end ? { nextCursor: end.sequence } : {}) };
  }
}
