import type { RedisClient } from '../redis-connection.js';
import { redisKeys } from '../redis-keys.js';
import { type AuditAction, type AuditEntry, readAuditEntry } from './audit-entry.js';

export interface AuditFilter {
  readonly action?: AuditAction | undefined;
  readonly by?: string | undefined;
  readonly requestId?: string | undefined;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** Leads on to older entries; left out at the end. A page may be short, and have one. */
  readonly nextCursor?: string;
}

const entriesPerLook = 500;
/** A filter that nothing fits must not have the whole stream read for one page. */
const mostLooks = 20;

/** The audit as it is in Redis, the newest entries first. */
export class AuditReader {
  readonly #key: string;

  constructor(
    private readonly client: RedisClient,
    prefix: string,
  ) {
    this.#key = redisKeys(prefix).audit;
  }

  async page(filter: AuditFilter, page: { cursor?: string | undefined; limit: number }): Promise<AuditPage> {
    const entries: AuditEntry[] = [];
    let end = page.cursor === undefined ? '+' : `(${page.cursor}`;
    for (let look = 0; look < mostLooks; look += 1) {
      const found = await this.client.xrevrange(this.#key, end, '-', 'COUNT', entriesPerLook);
      for (const [id, fields] of found) {
        const entry = readAuditEntry(id, fields[1] ?? '');
        end = `(${id}`;
        if (!matches(entry, filter)) continue;
        entries.push(entry);
        if (entries.length === page.limit) return { entries, nextCursor: id };
      }
      if (found.length < entriesPerLook) return { entries };
    }
    return { entries, nextCursor: end.slice(1) };
  }
}

function matches(entry: AuditEntry, { action, by, requestId }: AuditFilter): boolean {
  return (
    (action === undefined || entry.action === action) &&
    (by === undefined || entry.by === by) &&
    (requestId === undefined || entry.requestId === requestId)
  );
}
