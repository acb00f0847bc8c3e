import type { Redis } from 'ioredis';
import { Ledger } from '../../src/shared/ledger/index.js';

export interface BurialOptions {
  readonly prefix: string;
  readonly requests: number;
  /** Taken in turn; default NotConfirmed. */
  readonly codes?: readonly string[];
  /** Each request has one job of so many instances, which all die; default 2. */
  readonly instances?: number;
  readonly region?: string;
}

const requestsAtATime = 500;

/** Requests whose instances are all dead-lettered, written by the ledger itself: `req-dead-0`, `req-dead-1`, … */
export async function buryRequests(client: Redis, options: BurialOptions): Promise<void> {
  const { prefix, requests, codes = ['NotConfirmed'] } = options;
  const ledger = new Ledger(client, prefix);
  for (let from = 0; from < requests; from += requestsAtATime) {
    const numbers = Array.from(
      { length: Math.min(requestsAtATime, requests - from) },
      (_, index) => from + index,
    );
    await Promise.all(
      numbers.map((number) => bury(ledger, number, codes[number % codes.length] ?? '', options)),
    );
  }
}

async function bury(ledger: Ledger, number: number, code: string, options: BurialOptions): Promise<void> {
  const { instances = 2, region = 'ap-singapore' } = options;
  const requestId = `req-dead-${number}`;
  const invocationId = `inv-${String(number).padStart(8, '0')}`;
  const instanceIds = Array.from(
    { length: instances },
    (_, index) => `ins-${String(index).padStart(8, '0')}`,
  );
  await ledger.accept({
    requestId,
    fingerprint: requestId,
    priority: 'normal',
    facts: { confirm: '0', priority: 'normal' },
    jobs: [{ region, invocationId, instanceIds }],
  });
  const ref = `${requestId}.0`;
  const attempt = { at: Date.now(), worker: 'w1', code, message: 'no' };
  const letter = { requestId, jobId: ref, code, message: `it said "no", ${code}` };
  await ledger.settle({
    landed: true,
    leaseMs: 0,
    calls: 1,
    sentAt: Date.now(),
    moves: [{ kind: 'bury', ref, mask: 'd'.repeat(instances), attempt, letterId: `${ref}.letter`, letter }],
  });
}
