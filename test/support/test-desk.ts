import { CancelQueue } from '../../src/shared/cancel-queue.js';
import { DeadLetterDesk } from '../../src/shared/dead-letter-desk.js';
import { JobReader, Ledger, LetterLedger, PoolLedger } from '../../src/shared/ledger/index.js';
import { PoolQueuer } from '../../src/shared/pool-queuer.js';
import type { Installation } from './installation.js';

/** Where the tests redrive and discard. It lives as long as the installation. */
export function openTestDesk({ redis, prefix, deadLetters }: Installation): DeadLetterDesk {
  return new DeadLetterDesk({
    letters: deadLetters,
    ledger: new Ledger(redis, prefix),
    letterLedger: new LetterLedger(redis, prefix),
    jobReader: new JobReader(redis, prefix),
    queuer: new PoolQueuer(new PoolLedger(redis, prefix), new CancelQueue(redis, prefix)),
  });
}
