import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createSimulator, type Simulator } from '../../src/simulator/index.js';
import { answerParent } from './helper-process.js';
import { monotonicMs } from './monotonic-clock.js';

// The simulated API in a process of its own: what arrives is timed where no producer or worker can hold it up.

export interface BenchTarget {
  readonly region: string;
  readonly invocationId: string;
  readonly instanceIds: string[];
}

export interface ArrivedCall {
  /** By the clock of `monotonicMs`. */
  readonly atMs: number;
  readonly invocationId: string;
  readonly instances: number;
  readonly code: string;
}

const toMonotonic = monotonicMs() - performance.now();
let simulator: Simulator | undefined;

function running(): Simulator {
  if (simulator === undefined) throw new Error('the API was not started');
  return simulator;
}

const sizes = new Map<string, number>();

/** Instances that accepted calls have carried, each counted once. */
function acceptedInstances(): number {
  const carried = new Map<string, Set<string> | number>();
  for (const { code, instanceIds, invocationId = '' } of running().record.calls('CancelInvocation')) {
    if (code !== 'OK') continue;
    const known = carried.get(invocationId) ?? new Set();
    if (instanceIds === undefined) carried.set(invocationId, sizes.get(invocationId) ?? 0);
    else if (typeof known !== 'number') carried.set(invocationId, new Set([...known, ...instanceIds]));
  }
  return [...carried.values()].reduce<number>(
    (sum, each) => sum + (typeof each === 'number' ? each : each.size),
    0,
  );
}

const api = {
  async start({ latencyMs, callsPerSecond }: { latencyMs: number; callsPerSecond: number }): Promise<string> {
    simulator = createSimulator({
      callsPerSecond,
      latency: { minMs: latencyMs, maxMs: latencyMs },
      keptCalls: 200_000,
    });
    return await simulator.start();
  },

  addInvocations({ count, instances }: { count: number; instances: number }): BenchTarget[] {
    const facts = running().addInvocations(count, { instances });
    for (const { invocationId } of facts) sizes.set(invocationId, instances);
    return facts.map(({ region, invocationId, instanceIds }) => ({
      region,
      invocationId,
      instanceIds: [...instanceIds],
    }));
  },

  /** One line for each instance; neighbours belong to different invocations. */
  async writeTargetsFile({ path, count, instances }: { path: string; count: number; instances: number }) {
    const targets = api.addInvocations({ count, instances });
    const file = createWriteStream(path);
    for (let position = 0; position < instances; position++) {
      const lines = targets.map(
        ({ region, invocationId, instanceIds }) => `${invocationId},${instanceIds[position]},${region}\n`,
      );
      if (!file.write(lines.join(''))) await once(file, 'drain');
    }
    file.end();
    await once(file, 'close');
  },

  /** Forgets the calls so far. */
  forget(): void {
    running().record.clear();
  },

  calls(): ArrivedCall[] {
    return running()
      .record.calls('CancelInvocation')
      .map(({ atMs, invocationId = '', instanceCount, code = 'unanswered' }) => ({
        atMs: atMs + toMonotonic,
        invocationId,
        instances: instanceCount,
        code,
      }));
  },

  /** When the first call for the invocation arrived, waiting for it if need be. */
  async firstArrival({ invocationId, timeoutMs }: { invocationId: string; timeoutMs: number }) {
    const { record } = running();
    const signal = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const call = record.calls('CancelInvocation').findLast((each) => each.invocationId === invocationId);
      if (call !== undefined) return call.atMs + toMonotonic;
      await record.waitForCalls(record.count() + 1, undefined, signal);
    }
  },

  async untilCalls({ calls, timeoutMs }: { calls: number; timeoutMs: number }): Promise<void> {
    await running().record.waitForCalls(calls, 'CancelInvocation', AbortSignal.timeout(timeoutMs));
  },

  /** Resolves when accepted calls have carried so many instances. */
  async untilInstances({ instances, timeoutMs }: { instances: number; timeoutMs: number }): Promise<void> {
    const { record } = running();
    const signal = AbortSignal.timeout(timeoutMs);
    while (acceptedInstances() < instances) {
      const carried = acceptedInstances();
      const answered = record.countByCode().CancelInvocation ?? {};
      const answers = Object.values(answered).reduce((sum, count) => sum + count, 0);
      const atLeast = Math.ceil((instances - carried) / 100);
      await record.waitForAnswers(answers + atLeast, 'CancelInvocation', signal);
    }
  },
};

export type ApiProcess = typeof api;

answerParent(api);
