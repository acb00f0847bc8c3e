import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { inject } from 'vitest';

/** A key prefix that no other test uses; its hash tag keeps all its keys in one cluster slot. */
export function freshPrefix(): string {
  return `{test-${randomBytes(6).toString('hex')}}`;
}

/** A connection to the run's Redis. The caller disconnects it. */
export function connectToTestRedis(url = inject('redisUrl')): Redis {
  return new Redis(url, { maxRetriesPerRequest: null });
}

/** Removes every key of a prefix. */
export async function removeKeysOf(client: Redis, prefix: string): Promise<void> {
  for await (const keys of client.scanStream({ match: `${prefix}*`, count: 1_000 })) {
    if ((keys as string[]).length > 0) await client.unlink(...(keys as string[]));
  }
}
