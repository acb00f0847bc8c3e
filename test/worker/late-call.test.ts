import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TatClient } from '../../src/cloud/tat-client.js';
import { BlockedStateStore } from '../../src/shared/blocked-state.js';
import { type Flight, Ledger, PoolLedger } from '../../src/shared/ledger/index.js';
import { redisKeys } from '../../src/shared/redis-keys.js';
import { CallRunner } from '../../src/worker/call-runner.js';
import { CircuitBreaker } from '../../src/worker/circuit-breaker.js';
import { CapturedLog } from '../support/captured-log.js';
import { HandLimiter, usable } from '../support/hand-limiter.js';
import { connectToTestRedis, freshPrefix, removeKeysOf } from '../support/test-prefix.js';

const target = { region: 'ap-singapore', invocationId: 'inv-00000001' };
const leaseMs = 10_000;

describe('a worker that stood still between the claim of a call and the call', () => {
  const client = connectToTestRedis();
  const limiter = new HandLimiter();
  let prefix: string;
  let ledger: Ledger;
  let runner: CallRunner;
  let sent: number;

  beforeEach(async () => {
    prefix = freshPrefix();
    ledger = new Ledger(client, prefix);
    sent = 0;
    const { logger } = new CapturedLog();
    const cloud = {
      cancelInvocation: async () => {
        sent += 1;
        return { ok: true, cloudRequestId: 'cloud-1', value: undefined };
      },
    } as unknown as TatClient;
    runner = new CallRunner({
      client: cloud,
      ledger,
      limiter,
      breaker: new CircuitBreaker({
        store: new BlockedStateStore(client, prefix),
        probe: async () => undefined,
        isPaused: async () => false,
        accessPointOf: () => 'cloud',
        logger,
        workerName: 'late',
      }),
      readMembers: async () => undefined,
      logger,
      workerName: 'late',
      attempts: 8,
      confirm: false,
      leaseMs,
      callTimeoutMs: 5_000,
    });
    await ledger.accept({
      requestId: 'r1',
      fingerprint: 'f',
      priority: 'normal',
      facts: {},
      jobs: [{ ...target, instanceIds: ['ins-00000001'] }],
    });
  });

  afterEach(async () => {
    await removeKeysOf(client, prefix);
    client.disconnect();
  });

  const letters = () => client.hget(redisKeys(prefix).request('r1'), 'l:0');

  async function claim(claimLeaseMs: number): Promise<Flight> {
    const { flight } = await new PoolLedger(client, prefix).claim({
      pool: target,
      callId: 'late-call',
      mostIds: 100,
      leaseMs: claimLeaseMs,
    });
    if (flight === undefined) throw new Error('there is something to claim');
    return { ...flight, claimedAtMs: performance.now() - leaseMs };
  }

  it('makes no call when others have its load by then, and one with a fresh slot when it is still its own', async () => {
    const lost = await claim(0);
    await ledger.releaseOverdue(10);
    await runner.run(lost, usable);
    expect([sent, await letters()]).toEqual([0, 'w']);

    limiter.give();
    const kept = await claim(60_000);
    await runner.run(kept, usable);
    expect([sent, limiter.asked, await letters()]).toEqual([1, 0, 'a']);
  });
});
