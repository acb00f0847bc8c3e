import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Failure } from '../../src/shared/failure.js';
import { createFailure } from '../../src/shared/failure-table.js';
import type { HeldState } from '../../src/shared/held-state.js';
import { HoldGate } from '../../src/worker/hold-gate.js';
import { CapturedLog } from '../support/captured-log.js';
import { waitUntil } from '../support/wait-until.js';

const region = 'ap-guangzhou';
const refusedKey = createFailure('AuthFailure.SignatureFailure', 'no');
const refusedTarget = createFailure('UnauthorizedOperation.CamAuthFailed', 'not this one');

/** The shared state, without Redis. */
class HeldStateInMemory {
  state: HeldState | undefined;
  reads = 0;

  async read(): Promise<HeldState | undefined> {
    this.reads += 1;
    return this.state;
  }
  async raise(state: HeldState): Promise<void> {
    this.state ??= state;
  }
  async clear(): Promise<void> {
    this.state = undefined;
  }
  async mayProbe(): Promise<boolean> {
    return true;
  }
}

const gates: HoldGate[] = [];

function makeGate(store = new HeldStateInMemory()) {
  const log = new CapturedLog('info');
  const probe = vi.fn(async (_region: string): Promise<Failure | undefined> => refusedKey);
  const gate = new HoldGate({
    store,
    probe,
    isPaused: async () => false,
    logger: log.logger,
    workerName: 'worker-1',
    watchEveryMs: 5,
    probeEveryMs: 5,
  });
  gates.push(gate);
  return { gate, store, probe, log };
}

function target(invocationId: string) {
  return { region, invocationId };
}

/** Resolves when the gate has looked at the shared state a few times more. */
async function afterLooks(store: HeldStateInMemory): Promise<void> {
  const seen = store.reads;
  await waitUntil('further looks at the shared state', () => store.reads > seen + 2);
}

afterEach(async () => {
  await Promise.all(gates.splice(0).map((gate) => gate.close()));
});

describe('the last word on a failure', () => {
  it.each(['InternalError', 'RequestLimitExceeded', 'OperationDenied'])(
    'is the first one, unless the set-up is at fault: %s',
    async (code) => {
      const { gate, store } = makeGate();
      const failure = createFailure(code, 'no');
      await expect(gate.judge(failure, target('inv-1'))).resolves.toBe(failure);
      expect(gate.held).toBeUndefined();
      expect(store.state).toBeUndefined();
    },
  );

  it('is hold for a fault of the set-up, told to all workers with its reason', async () => {
    const { gate, store } = makeGate();
    await expect(gate.judge(refusedKey, target('inv-1'))).resolves.toMatchObject({ class: 'hold' });
    expect(gate.held).toMatchObject({ code: 'AuthFailure.SignatureFailure', worker: 'worker-1', region });
    expect(store.state).toEqual(gate.held);
  });

  it('is hold even after successes when the key itself is refused', async () => {
    const { gate } = makeGate();
    gate.noteSuccess();
    await expect(gate.judge(refusedKey, target('inv-1'))).resolves.toMatchObject({ class: 'hold' });
  });

  it('leaves the first reason in place when several workers find one', async () => {
    const { gate, store } = makeGate();
    const { gate: other } = makeGate(store);
    await gate.judge(refusedKey, target('inv-1'));
    await other.judge(createFailure('AuthFailure.SecretIdNotFound', 'no'), target('inv-2'));
    expect(store.state?.code).toBe('AuthFailure.SignatureFailure');
  });
});

describe('a refusal that may concern one target only', () => {
  it('holds while nothing has succeeded', async () => {
    const { gate } = makeGate();
    await expect(gate.judge(refusedTarget, target('inv-1'))).resolves.toMatchObject({ class: 'hold' });
  });

  it('condemns the target once the key has proved good', async () => {
    const { gate } = makeGate();
    gate.noteSuccess();
    await expect(gate.judge(refusedTarget, target('inv-1'))).resolves.toMatchObject({ class: 'dead' });
    await expect(gate.judge(refusedTarget, target('inv-2'))).resolves.toMatchObject({ class: 'dead' });
    expect(gate.held).toBeUndefined();
  });

  it('holds when a third invocation in a row meets it', async () => {
    const { gate } = makeGate();
    gate.noteSuccess();
    for (const id of ['inv-1', 'inv-2']) await gate.judge(refusedTarget, target(id));
    await expect(gate.judge(refusedTarget, target('inv-3'))).resolves.toMatchObject({ class: 'hold' });
  });

  it('is counted once for each invocation', async () => {
    const { gate } = makeGate();
    gate.noteSuccess();
    for (let times = 0; times < 5; times++) {
      await expect(gate.judge(refusedTarget, target('inv-1'))).resolves.toMatchObject({ class: 'dead' });
    }
  });

  it('begins a new row after a success', async () => {
    const { gate } = makeGate();
    for (const id of ['inv-1', 'inv-2', 'inv-3', 'inv-4']) {
      gate.noteSuccess();
      await expect(gate.judge(refusedTarget, target(id))).resolves.toMatchObject({ class: 'dead' });
    }
  });

  it('is counted in a row however much time lies between', async () => {
    const { gate, store } = makeGate();
    gate.start();
    gate.noteSuccess();
    for (const id of ['inv-1', 'inv-2']) {
      await gate.judge(refusedTarget, target(id));
      await afterLooks(store);
    }
    await expect(gate.judge(refusedTarget, target('inv-3'))).resolves.toMatchObject({ class: 'hold' });
  });

  it('holds at once when it goes on after the probe has opened the gate, for the probe only reads', async () => {
    const { gate, store, probe } = makeGate();
    gate.start();
    gate.noteSuccess();
    probe.mockResolvedValue(undefined);
    for (const id of ['inv-1', 'inv-2', 'inv-3']) await gate.judge(refusedTarget, target(id));
    await waitUntil('the gate is open again', () => gate.held === undefined && store.state === undefined);
    await expect(gate.judge(refusedTarget, target('inv-4'))).resolves.toMatchObject({ class: 'hold' });
  });
});

describe('a complaint about one region', () => {
  const unknownRegion = createFailure('UnsupportedRegion', 'no');

  it('holds while nothing has succeeded, and condemns its target afterwards', async () => {
    const { gate } = makeGate();
    await expect(gate.judge(unknownRegion, target('inv-1'))).resolves.toMatchObject({ class: 'hold' });
    gate.noteSuccess();
    await expect(gate.judge(unknownRegion, target('inv-1'))).resolves.toMatchObject({ class: 'dead' });
  });

  it('by the probe itself opens the gate, for other regions may be served', async () => {
    const { gate, probe } = makeGate();
    gate.start();
    await gate.judge(unknownRegion, target('inv-1'));
    probe.mockResolvedValue(unknownRegion);
    await gate.whenOpen(new AbortController().signal);
    expect(gate.held).toBeUndefined();
  });
});

describe('while held', () => {
  it('calls wait until a probe succeeds, and then go by themselves', async () => {
    const { gate, store, probe, log } = makeGate();
    gate.start();
    await gate.judge(refusedKey, target('inv-1'));
    let isThrough = false;
    const through = gate.whenOpen(new AbortController().signal).then(() => {
      isThrough = true;
    });
    await waitUntil('a few probes', () => probe.mock.calls.length > 2);
    expect(isThrough).toBe(false);
    expect(probe).toHaveBeenCalledWith(region);
    probe.mockResolvedValue(undefined);
    await through;
    expect(store.state).toBeUndefined();
    expect(log.saying('held: no calls')).toHaveLength(1);
    expect(log.saying('no longer held')).toHaveLength(1);
  });

  it('one worker holds all others, and they open together', async () => {
    const { gate, store, probe } = makeGate();
    const { gate: other, probe: otherProbe } = makeGate(store);
    other.start();
    await gate.judge(refusedKey, target('inv-1'));
    await waitUntil('the other one is held', () => other.held !== undefined);
    gate.start();
    for (const each of [probe, otherProbe]) each.mockResolvedValue(undefined);
    await waitUntil('both are open', () => gate.held === undefined && other.held === undefined);
  });

  it('a worker that stops does not wait', async () => {
    const { gate } = makeGate();
    await gate.judge(refusedKey, target('inv-1'));
    const stopping = new AbortController();
    const waited = gate.whenOpen(stopping.signal);
    stopping.abort();
    await expect(waited).resolves.toBeUndefined();
    await expect(gate.whenOpen(stopping.signal)).resolves.toBeUndefined();
  });

  it('a shared state that cannot be read is complained of and read again', async () => {
    const { gate, store, log } = makeGate();
    vi.spyOn(store, 'read').mockRejectedValueOnce(new Error('Redis is away'));
    gate.start();
    await afterLooks(store);
    expect(log.saying('the held state could not be read')).toHaveLength(1);
  });
});
