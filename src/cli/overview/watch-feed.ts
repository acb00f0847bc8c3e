import { CallHistory, type CallSecond } from '../../shared/call-history.js';
import type { DeadLetterStore } from '../../shared/dead-letters/index.js';
import { type RequestStatus, RequestStatusReader } from '../../shared/ledger/index.js';
import { OverviewReader, type QueueOverview } from '../../shared/queue-overview.js';
import type { RedisClient } from '../../shared/redis-connection.js';
import type { WatchFrame } from './watch-view.js';

const sparkSeconds = 240;
const requestsShown = 40;

/** Grouping walks all letters, so it rests this many times as long as it takes. */
const groupingRest = 20;

/** Reads what a frame shows. */
export class WatchFeed {
  readonly #overviews: OverviewReader;
  readonly #history: CallHistory;
  readonly #statuses: RequestStatusReader;
  #codes: WatchFrame['deadLetterCodes'] = [];
  #grouping = false;
  #groupAfter = 0;

  constructor(
    client: RedisClient,
    prefix: string,
    private readonly deadLetters: Pick<DeadLetterStore, 'groups'>,
  ) {
    this.#overviews = new OverviewReader({ client, prefix });
    this.#history = new CallHistory(client, prefix);
    this.#statuses = new RequestStatusReader(client, prefix);
  }

  /** Rejects when Redis does not answer. Codes of dead letters may be some seconds old. */
  async read(): Promise<{
    overview: QueueOverview;
    seconds: CallSecond[];
    requests: readonly RequestStatus[];
    deadLetterCodes: WatchFrame['deadLetterCodes'];
  }> {
    const [overview, seconds, { requests }] = await Promise.all([
      this.#overviews.read(),
      this.#history.read(sparkSeconds),
      this.#statuses.list({ limit: requestsShown }),
    ]);
    if (overview.deadLetters === 0) this.#codes = [];
    else void this.#group();
    return { overview, seconds, requests, deadLetterCodes: this.#codes };
  }

  async #group(): Promise<void> {
    const startedAt = performance.now();
    if (this.#grouping || startedAt < this.#groupAfter) return;
    this.#grouping = true;
    try {
      this.#codes = await this.deadLetters.groups();
    } catch {
      // The reading beside it tells that Redis is away.
    }
    this.#grouping = false;
    const endedAt = performance.now();
    this.#groupAfter = endedAt + (endedAt - startedAt) * groupingRest;
  }
}
