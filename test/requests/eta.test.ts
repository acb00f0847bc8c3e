import { describe, expect } from 'vitest';
import type { Installation } from '../support/installation.js';
import { it } from '../support/installed-test.js';
import { addTargets } from '../support/request-truth.js';
import { waitUntil } from '../support/wait-until.js';

async function enqueue(installation: Installation, invocations: number): Promise<string> {
  const targets = addTargets(installation, invocations, 3);
  return (await installation.producer.enqueue({ targets })).requestId;
}

async function untilEta({ producer }: Installation, requestId: string): Promise<number> {
  return await waitUntil(
    'there is an ETA',
    async () => (await producer.status(requestId))?.etaSeconds ?? undefined,
  );
}

describe.concurrent('the time to go', { timeout: 60_000 }, () => {
  it('is unknown without workers, while paused, and after the end', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const { producer } = installation;
    const requestId = await enqueue(installation, 2);
    expect(await producer.status(requestId)).toMatchObject({ etaSeconds: null, paused: false, held: null });
    await producer.pause();
    installation.startWorker();
    expect(await producer.status(requestId)).toMatchObject({ etaSeconds: null, paused: true });
    await producer.resume();
    expect(await untilEta(installation, requestId)).toBeGreaterThan(0);
    expect((await producer.waitUntilFinished(requestId)).etaSeconds).toBeNull();
  });

  it('is unknown while held', async ({ install }) => {
    const installation = await install();
    installation.simulator.credentials.disable('AKIDSIMULATOR');
    const requestId = await enqueue(installation, 2);
    const held = await waitUntil('held', async () => {
      const status = await installation.producer.status(requestId);
      return status?.held ? status : undefined;
    });
    expect(held).toMatchObject({ etaSeconds: null, paused: false });
  });

  it('is no less than the limit allows, for what workers hold already, too', async ({ install }) => {
    const callsPerSecond = 2;
    const installation = await install({ worker: { callsPerSecond } });
    const { producer, simulator } = installation;
    await enqueue(installation, 60);
    await simulator.record.waitForCalls(1, 'CancelInvocation');
    const last = await enqueue(installation, 1);
    const etaSeconds = await untilEta(installation, last);
    const callsToGo = 61 - simulator.record.count('CancelInvocation');
    expect(etaSeconds).toBeGreaterThanOrEqual(callsToGo / callsPerSecond);
    expect(etaSeconds).toBeLessThan(2 * (61 / callsPerSecond) + 10);
    const targets = addTargets(installation, 1, 3);
    const urgent = await producer.enqueue({ targets, priority: 'urgent' });
    expect(await untilEta(installation, urgent.requestId)).toBeLessThan(10);
  });
});
