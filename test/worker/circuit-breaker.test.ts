import { afterEach, describe, expect, it, vi } from 'vitest';
import type { BlockedState, Blocks } from '../../src/shared/blocked-state.js';
import type { Failure } from '../../src/shared/failure.js';
import { createFailure } from '../../src/shared/failure-table.js';
import { CircuitBreaker } from '../../src/worker/circuit-breaker.js';
import { CapturedLog } from '../support/captured-log.js';
import { waitUntil } from '../support/wait-until.js';

const region = 'ap-guangzhou';
const refusedKey = createFailure('AuthFailure.SignatureFailure', 'no');
const refusedTarget = createFailure('UnauthorizedOperation.CamAuthFailed', 'not this one');
const unknownRegion = createFailure('UnsupportedRegion', 'no');
const broken = createFailure('NetworkError', 'connect ECONNREFUSED');

/** The shared state, without Redis. */
class BlocksInMemory {
  held: BlockedState | undefined;
  readonly partial = new Map<string, BlockedState>();
  reads = 0;
  probesAllowed = true;

  async readAll(): Promise<Blocks> {
    this.reads += 1;
    return { held: this.held, partial: new Map(this.partial) };
  }
  async raise(state: BlockedState): Promise<void> {
    this.held ??= state;
  }
  async raisePartial(id: string, state: BlockedState): Promise<void> {
    this.partial.set(id, state);
  }
  async clear(): Promise<void> {
    this.held = undefined;
  }
  async clearPartial(id: string): Promise<void> {
    this.partial.delete(id);
  }
  async mayProbe(): Promise<boolean> {
    return this.probesAllowed;
  }
  async endProbe(): Promise<void> {}
}

const breakers: CircuitBreaker[] = [];

function makeBreaker(
  store = new BlocksInMemory(),
  accessPointOf: (region: string) => string = () => 'cloud',
) {
  const log = new CapturedLog('info');
  const probe = vi.fn(async (_region: string): Promise<Failure | undefined> => refusedKey);
  const breaker = new CircuitBreaker({
    store,
    probe,
    isPaused: async () => false,
    accessPointOf,
    logger: log.logger,
    workerName: 'worker-1',
    timings: { watchEveryMs: 5, probeEveryMs: 5, canaryEveryMs: 30, findOutMs: 500 },
  });
  breakers.push(breaker);
  return { breaker, store, probe, log };
}

function target(invocationId: string, inRegion = region) {
  return { region: inRegion, invocationId };
}

function accept(breaker: CircuitBreaker, invocationId: string) {
  breaker.noteAccepted(target(invocationId), performance.now());
}

/** Resolves when the breaker has looked at the shared state a few times more. */
async function afterLooks(store: BlocksInMemory): Promise<void> {
  const seen = store.reads;
  await waitUntil('further looks at the shared state', () => store.reads > seen + 2);
}

afterEach(async () => {
  await Promise.all(breakers.splice(0).map((breaker) => breaker.close()));
});

describe('the last word on a failure', () => {
  it.each(['FailedOperation', 'RequestLimitExceeded', 'OperationDenied'])(
    'is the first one when it concerns its call only: %s',
    async (code) => {
      const { breaker, store } = makeBreaker();
      const failure = createFailure(code, 'no');
      await expect(breaker.judge(failure, target('inv-1'))).resolves.toBe(failure);
      expect(breaker.allowsCalls).toBe(true);
      expect(store.held).toBeUndefined();
    },
  );

  it('is hold for a fault of the key, told to all workers with its reason', async () => {
    const { breaker, store } = makeBreaker();
    await expect(breaker.judge(refusedKey, target('inv-1'))).resolves.toMatchObject({ class: 'hold' });
    expect(breaker.held).toMatchObject({ code: 'AuthFailure.SignatureFailure', worker: 'worker-1', region });
    expect(store.held).toEqual(breaker.held);
  });

  it('is hold even after successes when the key itself is refused', async () => {
    const { breaker } = makeBreaker();
    accept(breaker, 'inv-2');
    await expect(breaker.judge(refusedKey, target('inv-1'))).resolves.toMatchObject({ class: 'hold' });
  });

  it('leaves the first reason in place when several workers find one', async () => {
    const { breaker, store } = makeBreaker();
    const { breaker: other } = makeBreaker(store);
    await breaker.judge(refusedKey, target('inv-1'));
    await other.judge(createFailure('AuthFailure.SecretIdNotFound', 'no'), target('inv-2'));
    expect(store.held?.code).toBe('AuthFailure.SignatureFailure');
  });
});

describe('a call that does not get through', () => {
  it('spends its attempt when a probe gets through', async () => {
    const { breaker, probe } = makeBreaker();
    probe.mockResolvedValue(undefined);
    await expect(breaker.judge(broken, target('inv-1'))).resolves.toBe(broken);
    expect(breaker.allowsCalls).toBe(true);
  });

  it('spends its attempt, without a probe, when another call is answered after it', async () => {
    const { breaker, probe } = makeBreaker();
    const judged = breaker.judge(broken, target('inv-1'));
    accept(breaker, 'inv-2');
    await expect(judged).resolves.toBe(broken);
    expect(probe).not.toHaveBeenCalled();
  });

  it('spends nothing and stops all calls when the probe fails, too: one probe for all that failed', async () => {
    const { breaker, probe, store } = makeBreaker();
    probe.mockResolvedValue(createFailure('HttpStatus.502', 'bad gateway'));
    accept(breaker, 'inv-0'); // before, which proves nothing
    const judged = await Promise.all(
      ['inv-1', 'inv-2', 'inv-3'].map((id) => breaker.judge(broken, target(id))),
    );
    expect(judged.map((failure) => failure.class)).toEqual(['hold', 'hold', 'hold']);
    expect(probe).toHaveBeenCalledTimes(1);
    expect(breaker.allowsCalls).toBe(false);
    expect(store.held).toMatchObject({ code: 'HttpStatus.502', scope: 'access-point' });
  });

  it('stops only its access point where regions have their own', async () => {
    const { breaker, probe, store } = makeBreaker(undefined, (name) => `tat.${name}`);
    probe.mockResolvedValue(broken);
    await breaker.judge(broken, target('inv-1', 'ap-tokyo'));
    expect(breaker.allowsCalls).toBe(true);
    expect(breaker.blockedForMs(target('inv-2', 'ap-tokyo'))).toBeGreaterThan(0);
    expect(breaker.blockedForMs(target('inv-3', 'ap-seoul'))).toBe(0);
    expect([...store.partial.values()]).toMatchObject([{ accessPoint: 'tat.ap-tokyo' }]);
  });

  it('waits a little, nothing spent, when nobody may ask in time', async () => {
    const { breaker, store } = makeBreaker();
    store.probesAllowed = false;
    await expect(breaker.judge(broken, target('inv-1'))).resolves.toMatchObject({ class: 'hold' });
    expect(breaker.allowsCalls).toBe(true);
    expect(breaker.blockedForMs(target('inv-1'))).toBeGreaterThan(0);
    expect(breaker.blockedForMs(target('inv-2'))).toBe(0);
  });

  it('is judged at once, nothing spent, when the worker stops', async () => {
    const { breaker, store } = makeBreaker();
    store.probesAllowed = false;
    const judged = breaker.judge(broken, target('inv-1'));
    breaker.drain();
    await expect(judged).resolves.toMatchObject({ class: 'hold' });
  });

  it('shows the key that the probe finds refused', async () => {
    const { breaker, store } = makeBreaker();
    await breaker.judge(broken, target('inv-1'));
    expect(store.held).toMatchObject({ code: refusedKey.code, scope: 'everything' });
  });
});

describe('what is blocked in part', () => {
  it('lets one target through from time to time, and ends for all when that is answered', async () => {
    const { breaker, store } = makeBreaker();
    await breaker.judge(unknownRegion, target('inv-1'));
    const others = Array.from({ length: 20 }, (_each, index) => target(`inv-${index}`));
    expect(others.filter((one) => breaker.blockedForMs(one) === 0)).toEqual([]);
    const canary = await waitUntil('one may go', () => others.find((one) => breaker.blockedForMs(one) === 0));
    expect(breaker.blockedForMs(canary)).toBe(0); // as often as it is asked
    expect(others.filter((one) => breaker.blockedForMs(one) === 0)).toEqual([canary]);
    accept(breaker, canary.invocationId);
    expect(others.filter((one) => breaker.blockedForMs(one) > 0)).toEqual([]);
    expect(store.partial.size).toBe(0);
  });

  it('is blocked for all workers', async () => {
    const { breaker, store } = makeBreaker();
    const { breaker: other } = makeBreaker(store);
    other.start();
    await breaker.judge(unknownRegion, target('inv-1'));
    await waitUntil('the other one knows', () => other.blockedForMs(target('inv-2')) > 0);
    expect(other.blockedForMs(target('inv-2', 'ap-seoul'))).toBe(0);
  });
});

describe('a refusal that may concern one target only', () => {
  it('makes its target wait while nothing has succeeded, and no other', async () => {
    const { breaker, store } = makeBreaker();
    await expect(breaker.judge(refusedTarget, target('inv-1'))).resolves.toMatchObject({ class: 'hold' });
    expect(breaker.allowsCalls).toBe(true);
    expect(breaker.blockedForMs(target('inv-1'))).toBeGreaterThan(0);
    expect(breaker.blockedForMs(target('inv-2'))).toBe(0);
    expect([...store.partial.values()]).toMatchObject([{ scope: 'targets', targets: 1 }]);
  });

  it('condemns the target once the key has proved good', async () => {
    const { breaker } = makeBreaker();
    accept(breaker, 'inv-0');
    await expect(breaker.judge(refusedTarget, target('inv-1'))).resolves.toMatchObject({ class: 'dead' });
    await expect(breaker.judge(refusedTarget, target('inv-2'))).resolves.toMatchObject({ class: 'dead' });
  });

  it('makes the third invocation in a row wait', async () => {
    const { breaker } = makeBreaker();
    accept(breaker, 'inv-0');
    for (const id of ['inv-1', 'inv-2']) await breaker.judge(refusedTarget, target(id));
    await expect(breaker.judge(refusedTarget, target('inv-3'))).resolves.toMatchObject({ class: 'hold' });
  });

  it('is counted once for each invocation', async () => {
    const { breaker } = makeBreaker();
    accept(breaker, 'inv-0');
    for (let times = 0; times < 5; times++) {
      await expect(breaker.judge(refusedTarget, target('inv-1'))).resolves.toMatchObject({ class: 'dead' });
    }
  });

  it('is tried again behind all others when another target was accepted since, and condemned then', async () => {
    const { breaker, store } = makeBreaker();
    for (const id of ['inv-1', 'inv-2', 'inv-3', 'inv-4']) await breaker.judge(refusedTarget, target(id));
    accept(breaker, 'inv-5');
    for (const id of ['inv-1', 'inv-2', 'inv-3', 'inv-4']) {
      expect(breaker.blockedForMs(target(id))).toBe(0);
      expect(breaker.goesLast(target(id))).toBe(true);
      await expect(breaker.judge(refusedTarget, target(id))).resolves.toMatchObject({ class: 'dead' });
    }
    expect(breaker.goesLast(target('inv-5'))).toBe(false);
    expect(store.partial.size).toBe(0);
  });

  it('is not condemned by the success of a call that left before it was refused', async () => {
    const { breaker } = makeBreaker();
    const sentAt = performance.now();
    for (const id of ['inv-1', 'inv-2', 'inv-3']) await breaker.judge(refusedTarget, target(id));
    breaker.noteAccepted(target('inv-4'), sentAt);
    expect(breaker.blockedForMs(target('inv-1'))).toBeGreaterThan(0);
  });

  it('of very many in a row makes those wait as well that were not tried', async () => {
    const { breaker } = makeBreaker();
    for (let each = 0; each < 100; each++) await breaker.judge(refusedTarget, target(`inv-${each}`));
    expect(breaker.blockedForMs(target('inv-fresh'))).toBeGreaterThan(0);
    accept(breaker, 'inv-other');
    expect(breaker.blockedForMs(target('inv-fresh'))).toBe(0);
  });
});

describe('a complaint about one region', () => {
  it('blocks the region while nothing has succeeded, and condemns its target afterwards', async () => {
    const { breaker } = makeBreaker();
    await expect(breaker.judge(unknownRegion, target('inv-1'))).resolves.toMatchObject({ class: 'hold' });
    accept(breaker, 'inv-2');
    await expect(breaker.judge(unknownRegion, target('inv-1', 'ap-nowhere'))).resolves.toMatchObject({
      class: 'dead',
    });
    expect(breaker.blockedForMs(target('inv-3', 'ap-nowhere'))).toBe(0);
    expect(breaker.goesLast(target('inv-3', 'ap-nowhere'))).toBe(true);
  });

  it('by the probe itself lets calls go, for other regions may be served', async () => {
    const { breaker, probe } = makeBreaker();
    breaker.start();
    await breaker.judge(refusedKey, target('inv-1'));
    probe.mockResolvedValue(unknownRegion);
    await breaker.whenAllowed(new AbortController().signal);
    expect(breaker.held).toBeUndefined();
  });
});

describe('while held', () => {
  it('calls wait until a probe succeeds, and then go by themselves', async () => {
    const { breaker, store, probe, log } = makeBreaker();
    breaker.start();
    await breaker.judge(refusedKey, target('inv-1'));
    let isThrough = false;
    const through = breaker.whenAllowed(new AbortController().signal).then(() => {
      isThrough = true;
    });
    await waitUntil('a few probes', () => probe.mock.calls.length > 2);
    expect(isThrough).toBe(false);
    expect(probe).toHaveBeenCalledWith(region);
    probe.mockResolvedValue(undefined);
    await through;
    expect(store.held).toBeUndefined();
    expect(log.saying('held: no calls')).toHaveLength(1);
    expect(log.saying('no longer held')).toHaveLength(1);
  });

  it('one worker holds all others, and they open together', async () => {
    const { breaker, store, probe } = makeBreaker();
    const { breaker: other, probe: otherProbe } = makeBreaker(store);
    other.start();
    await breaker.judge(refusedKey, target('inv-1'));
    await waitUntil('the other one is held', () => other.held !== undefined);
    breaker.start();
    for (const each of [probe, otherProbe]) each.mockResolvedValue(undefined);
    await waitUntil('both are open', () => breaker.allowsCalls && other.allowsCalls);
  });

  it('a worker that stops does not wait', async () => {
    const { breaker } = makeBreaker();
    await breaker.judge(refusedKey, target('inv-1'));
    const stopping = new AbortController();
    const waited = breaker.whenAllowed(stopping.signal);
    stopping.abort();
    await expect(waited).resolves.toBeUndefined();
    await expect(breaker.whenAllowed(stopping.signal)).resolves.toBeUndefined();
  });

  it('a shared state that cannot be read is complained of and read again', async () => {
    const { breaker, store, log } = makeBreaker();
    vi.spyOn(store, 'readAll').mockRejectedValueOnce(new Error('Redis is away'));
    breaker.start();
    await afterLooks(store);
    expect(log.saying('the blocked state could not be read')).toHaveLength(1);
  });
});
