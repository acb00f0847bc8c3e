import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  instanceStates,
  Ledger,
  type LedgerMove,
  PoolLedger,
  RequestStatusReader,
} from '../../../src/shared/ledger/index.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../../support/test-prefix.js';

const pool = { region: 'ap-guangzhou', invocationId: 'inv-aaaaaaaa' };
const instanceIds = ['ins-00000001', 'ins-00000002', 'ins-00000003'];
const facts = { priority: 'normal', confirm: '1' };
const attempt = { at: 1_700_000_000_000, worker: 'w1', code: 'InternalError', message: 'm' };

const letter = fc.constantFrom('w', 's', 'a', 'c', 't', 'S', 'F', 'd', 'x', '.');
const mask = fc.array(letter, { minLength: 3, maxLength: 3 }).map((letters) => letters.join(''));
const kind = fc.constantFrom('accept' as const, 'return' as const, 'retry' as const, 'bury' as const);

function moveOf(what: 'accept' | 'return' | 'retry' | 'bury', requestId: string, marks: string): LedgerMove {
  const part = { ref: `${requestId}.0`, mask: marks };
  const draft = { requestId, jobId: part.ref, code: 'InvalidParameter', message: 'no' };
  const moves = {
    accept: { kind: 'accept', ...part, cloudRequestId: 'q', confirm: true, firstLookMs: 0 },
    return: { kind: 'return', ...part },
    retry: { kind: 'retry', ...part, attempt, notBeforeMs: 0 },
    bury: { kind: 'bury', ...part, letterId: `${part.ref}-letter`, letter: draft },
  } as const;
  return moves[what];
}

it('never counts an instance twice, whatever is reported in whatever order, and be it nonsense', async () => {
  const client = connectToTestRedis();
  const prefix = freshPrefix();
  const ledger = new Ledger(client, prefix);
  const pools = new PoolLedger(client, prefix);
  const reader = new RequestStatusReader(client, prefix);
  let requests = 0;
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(kind, mask), { minLength: 1, maxLength: 12 }), async (steps) => {
        const requestId = `r${requests++}`;
        const jobs = [{ ...pool, instanceIds }];
        await ledger.accept({ requestId, fingerprint: requestId, priority: 'normal', facts, jobs });
        for (const [what, marks] of steps) {
          await pools.claim({ callId: 'c', pool, mostIds: 100, leaseMs: 15_000 });
          const moves = [moveOf(what, requestId, marks)];
          await ledger.settle({ callId: 'c', landed: true, leaseMs: 15_000, calls: 1, sentAt: 1, moves });
          const { counts, total } = (await reader.read(requestId)) ?? {};
          expect(instanceStates.reduce((sum, state) => sum + (counts?.[state] ?? 0), 0)).toBe(total);
        }
      }),
      { numRuns: 60 },
    );
  } finally {
    await removeKeysOf(client, prefix);
    client.disconnect();
  }
});
