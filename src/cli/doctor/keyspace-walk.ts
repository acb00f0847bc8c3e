import { Cluster } from 'ioredis';
import type { RedisClient } from '../../shared/redis-connection.js';

const keysPerStep = 1_000;
const limitMs = 2_000;

/** Keys that fit, as far as a bounded walk through all keys of one Redis finds them. */
export interface KeyspaceWalk {
  readonly keys: readonly string[];
  /** False when time ran out before all keys were seen. */
  readonly isComplete: boolean;
}

/** Looks through all keys in small steps, for two seconds at most. */
export async function walkKeyspace(client: RedisClient, pattern: string): Promise<KeyspaceWalk> {
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  const endAt = performance.now() + limitMs;
  const keys: string[] = [];
  for (const node of nodes) {
    let cursor = '0';
    do {
      const [next, found] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', keysPerStep);
      keys.push(...found);
      cursor = next;
      if (cursor !== '0' && performance.now() > endAt) return { keys, isComplete: false };
    } while (cursor !== '0');
  }
  return { keys, isComplete: true };
}
