import { CancelQueue } from '../../src/shared/cancel-queue.js';
import { DeadLetters } from '../../src/shared/dead-letters/index.js';
import { PoolLedger } from '../../src/shared/ledger/index.js';
import { PoolQueuer } from '../../src/shared/pool-queuer.js';
import type { Installation } from './installation.js';

/** What the tests redrive and discard with. It lives as long as the installation. */
export function openDeadLetters({ redis, prefix }: Pick<Installation, 'redis' | 'prefix'>): DeadLetters {
  return new DeadLetters(
    redis,
    prefix,
    new PoolQueuer(new PoolLedger(redis, prefix), new CancelQueue(redis, prefix)),
  );
}
