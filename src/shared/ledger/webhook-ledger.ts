import type { RedisClient } from '../redis-connection.js';
import { type RedisKeys, redisKeys } from '../redis-keys.js';
import type { WebhookState } from '../webhook.js';
import { LuaScript } from './script.js';

const noteScript = new LuaScript('note-webhook.lua');
const markScript = new LuaScript('mark-webhook-queued.lua');

const requestsPerRound = 200;

/** What the ledger knows of notifications on finish. */
export class WebhookLedger {
  readonly #keys: RedisKeys;

  constructor(
    private readonly client: RedisClient,
    prefix?: string,
  ) {
    this.#keys = redisKeys(prefix);
  }

  /** Some of the settled requests that want a notification which is not in its queue yet. */
  async settled(): Promise<{ requestId: string; settledAt: string }[]> {
    const entries = await this.client.hscan(this.#keys.webhookOutbox, '0', 'COUNT', requestsPerRound);
    const flat = entries[1];
    return flat.flatMap((requestId, index) =>
      index % 2 === 0 ? [{ requestId, settledAt: flat[index + 1] ?? '' }] : [],
    );
  }

  /** Unless the request was settled anew meanwhile. */
  async markQueued(requestId: string, settledAt: string): Promise<void> {
    await markScript.run(this.client, [this.#keys.webhookOutbox], [requestId, settledAt]);
  }

  /** Where the notification of a request goes, and who asked for it. */
  async receiverOf(requestId: string): Promise<{ url: string; requestedBy: string } | undefined> {
    const key = this.#keys.request(requestId);
    const [url, requestedBy] = await this.client.hmget(key, 'webhook', 'requestedBy');
    return url ? { url, requestedBy: requestedBy ?? '' } : undefined;
  }

  async note(
    requestId: string,
    news: { state: WebhookState; attempts: number; error?: string },
  ): Promise<void> {
    const text = JSON.stringify({ ...news, error: news.error?.slice(0, 300) });
    await noteScript.run(this.client, [this.#keys.request(requestId)], [text]);
  }
}
