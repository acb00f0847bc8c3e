import { describe, expect } from 'vitest';
import type { Priority } from '../../src/producer/index.js';
import type { Installation } from '../support/installation.js';
import { it } from '../support/installed-test.js';
import { addTargets } from '../support/request-truth.js';

async function enqueue(
  { producer }: Installation,
  targets: ReturnType<typeof addTargets>,
  priority: Priority,
) {
  return await producer.enqueue({ targets, priority, confirm: false });
}

describe('an urgent request', { timeout: 60_000 }, () => {
  it('overtakes a backlog, also what workers hold of it', async ({ install }) => {
    const installation = await install({ simulator: { callsPerSecond: 20 }, worker: { callsPerSecond: 20 } });
    const { simulator } = installation;
    await enqueue(installation, addTargets(installation, 700, 1), 'normal');
    await simulator.record.waitForCalls(5, 'CancelInvocation');
    const [urgent] = addTargets(installation, 1, 1);
    await enqueue(installation, urgent === undefined ? [] : [urgent], 'urgent');
    const before = simulator.record.count('CancelInvocation');
    await simulator.record.waitForCalls(before + 12, 'CancelInvocation');
    const sent = simulator.record.calls('CancelInvocation').slice(before);
    expect(sent.map(({ invocationId }) => invocationId)).toContain(urgent?.invocationId);
  });
});

describe('urgent requests without end', { timeout: 90_000 }, () => {
  it.for([[40], [8]] as const)(
    'leave normal and low ones a share, and keep most for themselves, at %s calls a second',
    async ([callsPerSecond], { install }) => {
      const timings = { reconcileEveryMs: 500 };
      const installation = await install({
        workers: 0,
        worker: { callsPerSecond, concurrency: 20, timings },
      });
      const { simulator } = installation;
      const priorities = ['urgent', 'normal', 'low'] as const;
      const priorityOf = new Map<string | undefined, Priority>();
      for (const priority of priorities) {
        const targets = addTargets(installation, priority === 'urgent' ? 300 : 60, 1);
        for (const { invocationId } of targets) priorityOf.set(invocationId, priority);
        await enqueue(installation, targets, priority);
      }
      installation.startWorker();
      await simulator.record.waitForCalls(120, 'CancelInvocation');
      const sent = simulator.record.calls('CancelInvocation').slice(0, 120);
      const [urgent = 0, normal = 0, low = 0] = priorities.map(
        (priority) => sent.filter(({ invocationId }) => priorityOf.get(invocationId) === priority).length,
      );
      expect(normal).toBeGreaterThanOrEqual(4);
      expect(low).toBeGreaterThanOrEqual(2);
      expect(urgent).toBeGreaterThanOrEqual(90);
    },
  );
});
