import { isDamagedData } from '../damaged-data.js';
import { RedisUnfitError } from '../errors.js';
import type { RedisClient } from '../redis-connection.js';
import { redisKeys } from '../redis-keys.js';

/**
 * The format in which this version keeps its ledger. 0.1 wrote no number, which counts as 1. It goes up with every change after
 * which a version that does not know of it would lose or double work; such a version must not work on the ledger any more.
 */
export const ledgerFormat = 2;

/** The oldest format whose versions may work on this one. */
const oldestThatMayWork = 2;

/**
 * Looks whether this version may work on the ledger in this Redis, and takes over one of an earlier format.
 * @throws {RedisUnfitError} when a newer version has been at work on it. Nothing is changed then.
 */
export async function takeOverLedger(client: RedisClient, prefix?: string): Promise<void> {
  const found = await checkLedgerFormat(client, prefix);
  if (found >= ledgerFormat) return;
  const { format } = redisKeys(prefix);
  await client.hset(format, { format: ledgerFormat, oldest: oldestThatMayWork });
}

/**
 * The format of the ledger in this Redis; 1 where none is told.
 * @throws {RedisUnfitError} when this version may not work on it
 */
export async function checkLedgerFormat(client: RedisClient, prefix?: string): Promise<number> {
  const [format, oldest] = await read(client, redisKeys(prefix).format);
  if (oldest > ledgerFormat) {
    throw new RedisUnfitError(
      `The ledger in this Redis has format ${format}, which only versions of format ${oldest} or newer may work on; this version has ${ledgerFormat}. Install the version that the other processes have, or set another QUEUE_PREFIX.`,
    );
  }
  return format;
}

async function read(client: RedisClient, key: string): Promise<[format: number, oldest: number]> {
  try {
    const [format, oldest] = await client.hmget(key, 'format', 'oldest');
    return [Number(format ?? 1) || 1, Number(oldest ?? 1) || 1];
  } catch (error) {
    if (!isDamagedData(error)) throw error;
    throw new RedisUnfitError(
      `The key ${key}, which tells the format of the ledger, holds something else. Remove it if nothing but this version works here.`,
    );
  }
}
