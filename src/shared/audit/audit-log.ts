import type { Logger } from '../logger.js';
import type { RedisClient } from '../redis-connection.js';
import { redisKeys } from '../redis-keys.js';
import type { Role } from '../settings/index.js';
import type { AuditAction } from './audit-entry.js';

const mostNotes = 100_000;

export interface Change {
  readonly action: AuditAction;
  /** The cancel request that it is about, if it is one. */
  readonly requestId?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface Author {
  readonly name: string;
  readonly role: Role;
  readonly via?: string;
}

/** Who changed what: a line in the log, and an entry in a capped stream in Redis, beside those of the dead letters. */
export class AuditLog {
  readonly #key: string;
  readonly #pending = new Set<Promise<void>>();

  constructor(
    private readonly client: RedisClient,
    prefix: string,
    private readonly logger: Logger,
  ) {
    this.#key = redisKeys(prefix).audit;
  }

  /** Never rejects: what was done is done, and the log line, which is written at once, tells of it in any case. */
  async note(change: Change, by: Author, httpRequestId: string): Promise<void> {
    const writing = this.#write(change, by, httpRequestId);
    this.#pending.add(writing);
    await writing;
    this.#pending.delete(writing);
  }

  /** Resolves when everything that was noted is written, or given up. */
  async close(): Promise<void> {
    await Promise.all(this.#pending);
  }

  async #write(change: Change, by: Author, httpRequestId: string): Promise<void> {
    const note = {
      at: new Date().toISOString(),
      ...change,
      by: by.name,
      role: by.role,
      via: by.via,
      httpRequestId,
    };
    this.logger.info({ audit: note }, 'changed over HTTP');
    try {
      await this.client.xadd(this.#key, 'MAXLEN', '~', mostNotes, '*', 'note', JSON.stringify(note));
    } catch (error) {
      this.logger.error({ err: error, httpRequestId }, 'the audit entry is in this log only');
    }
  }
}
