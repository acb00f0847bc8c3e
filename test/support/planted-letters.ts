import type { Redis } from 'ioredis';
import { DeadLetterProjection } from '../../src/shared/dead-letters/index.js';
import { formatStoredText } from '../../src/shared/dead-letters/stored-text.js';
import type { Ledger, LedgerMove, PlannedJob } from '../../src/shared/ledger/index.js';
import { redisKeys } from '../../src/shared/redis-keys.js';
import type { DeadLetter } from '../../src/shared/schemas.js';

/** Accepts a request whose jobs, of one instance each, are dead at once; codes take turns. */
export async function plantDeadLetters(
  ledger: Ledger,
  requestId: string,
  jobs: readonly PlannedJob[],
  codes: readonly string[],
): Promise<void> {
  const facts = { priority: 'normal', confirm: '1' };
  await ledger.accept({ requestId, fingerprint: requestId, priority: 'normal', facts, jobs });
  const moves = jobs.map((_job, position): LedgerMove => {
    const ref = `${requestId}.${position}`;
    const letter = {
      requestId,
      jobId: ref,
      code: codes[position % codes.length] ?? '',
      message: 'planted',
    };
    return { kind: 'bury', ref, mask: 'd', letterId: `${ref}.planted`, letter };
  });
  await ledger.settle({ landed: true, leaseMs: 0, calls: 0, sentAt: 0, moves });
}

/** A dead letter that says whatever is wanted, as an earlier version would have left it. */
export async function plantDeadLetter(
  client: Redis,
  prefix: string,
  id: string,
  letter: DeadLetter,
): Promise<void> {
  await client.hset(redisKeys(prefix).deadLetterOutbox, id, formatStoredText(letter));
  const projection = new DeadLetterProjection(client, prefix);
  await projection.takeOver();
  await projection.close();
}
