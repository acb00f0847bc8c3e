import { describe, expect } from 'vitest';
import type { Installation } from '../../support/installation.js';
import { it } from '../../support/installed-test.js';
import { attemptsSpent, callsFor, countsOf, untilFinished, untilStatus } from '../../support/outcomes.js';
import { PrivateRedis } from '../../support/private-redis.js';
import { WorkerProcess } from '../../support/worker-process.js';

async function cancelEach({ simulator, producer }: Installation, count: number) {
  const invocations = simulator.addInvocations(count);
  const { requestId } = await producer.enqueue({
    targets: invocations.map(({ invocationId, instanceIds }) => ({
      invocationId,
      instanceIds: [...instanceIds],
    })),
    confirm: false,
  });
  return { requestId, invocations };
}

/** Every instance went out in exactly one call, and no attempt was spent on the way. */
async function expectOneCallEach(
  installation: Installation,
  { requestId, invocations }: Awaited<ReturnType<typeof cancelEach>>,
): Promise<void> {
  for (const [position, { invocationId, instanceIds }] of invocations.entries()) {
    expect(callsFor(installation, invocationId, instanceIds[0] ?? '')).toHaveLength(1);
    expect(await attemptsSpent(installation, requestId, position)).toBe(0);
  }
}

describe.concurrent('a worker that is told to stop', () => {
  it('lets its calls land and hands the rest back unspent, and another one takes it at once', async ({
    install,
  }) => {
    const installation = await install({ workers: 0, worker: { callsInFlight: 2 } });
    const { simulator } = installation;
    simulator.faults.add({ action: 'CancelInvocation', to: 2, delayMs: 700 });
    const asked = await cancelEach(installation, 30);
    const worker = installation.startWorker();
    await simulator.record.waitForCalls(2, 'CancelInvocation');
    await worker.close(5_000);
    const status = await installation.producer.status(asked.requestId);
    expect(status?.counts).toMatchObject({ accepted: 2, waiting: 28 });
    const takenAt = performance.now();
    installation.startWorker();
    await untilFinished(installation, asked.requestId);
    expect(performance.now() - takenAt).toBeLessThan(15_000); // no lock of a minute had to run out
    await expectOneCallEach(installation, asked);
  });

  it('hands its work to a worker that is already there', async ({ install }) => {
    const installation = await install({ workers: 0, worker: { callsInFlight: 1 } });
    const { simulator } = installation;
    simulator.faults.add({ action: 'CancelInvocation', to: 1, delayMs: 500 });
    const asked = await cancelEach(installation, 20);
    const leaving = installation.startWorker();
    await simulator.record.waitForCalls(1, 'CancelInvocation');
    installation.startWorker();
    await leaving.close(5_000);
    await untilFinished(installation, asked.requestId);
    await expectOneCallEach(installation, asked);
  });

  it('does not wait for an answer longer than its grace, and others take over before any lease ends', async ({
    install,
  }) => {
    const timings = { lockMs: 3_000, stalledEveryMs: 500 };
    const installation = await install({ workers: 0, worker: { timings, callTimeoutMs: 30_000 } });
    const { simulator } = installation;
    simulator.faults.next('CancelInvocation', { answer: 'hang' });
    const asked = await cancelEach(installation, 1);
    const worker = installation.startWorker();
    await simulator.record.waitForCalls(1, 'CancelInvocation');
    const startedAt = performance.now();
    await worker.close(100);
    installation.startWorker();
    expect(countsOf(await untilFinished(installation, asked.requestId))).toEqual({ accepted: 1 });
    expect(performance.now() - startedAt).toBeLessThan(25_000);
    expect(await attemptsSpent(installation, asked.requestId)).toBe(0);
  });

  it('may be told twice, and before it has done anything', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const worker = installation.startWorker();
    await Promise.all([worker.close(1_000), worker.close(1_000)]);
    await worker.close(0);
  });

  it('ends in time even if its connections were only just being made', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const startedAt = performance.now();
    for (let times = 0; times < 3; times++) await installation.startWorker().close(0);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });

  it('ends in time even if Redis is away, and its work is carried out afterwards', async ({ install }) => {
    const redis = await PrivateRedis.start();
    const installation = await install({ workers: 0, redisUrl: redis.url });
    const { simulator } = installation;
    simulator.faults.add({ action: 'CancelInvocation', to: 1, delayMs: 300 });
    const asked = await cancelEach(installation, 3);
    const timings = { lockMs: 1_500, stalledEveryMs: 300, reconcileEveryMs: 200, leaseMarginMs: 0 };
    const hasty = { timings, callTimeoutMs: 1_000, callsInFlight: 1 };
    const worker = installation.startWorker(hasty);
    await simulator.record.waitForCalls(1, 'CancelInvocation');
    await redis.kill();
    const startedAt = performance.now();
    await worker.close(200);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    await redis.restart();
    installation.startWorker(hasty);
    expect(countsOf(await untilFinished(installation, asked.requestId))).toEqual({ accepted: 3 });
    await installation.close();
    await redis.stop();
  });
});

describe.concurrent('a worker process', () => {
  it('ends by itself after SIGTERM, its call done and the rest handed back', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const { simulator } = installation;
    simulator.faults.add({ action: 'CancelInvocation', to: 1, delayMs: 400 });
    const asked = await cancelEach(installation, 10);
    const process = await WorkerProcess.start(installation, { callsInFlight: 1 });
    await simulator.record.waitForCalls(1, 'CancelInvocation');
    await expect(process.terminate()).resolves.toBe(0);
    await untilStatus(
      installation,
      asked.requestId,
      'one call landed',
      ({ counts }) => counts.accepted === 1,
    );
    installation.startWorker();
    await untilFinished(installation, asked.requestId);
    await expectOneCallEach(installation, asked);
  });
});
