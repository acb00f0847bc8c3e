import type { Ledger, LedgerMove, PlannedJob } from '../../src/shared/ledger/index.js';

/** Accepts a request whose jobs, of one instance each, are dead at once; codes take turns. Flush the outbox afterwards. */
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
