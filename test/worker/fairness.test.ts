import { describe, expect } from 'vitest';
import { settingDefinitions } from '../../src/shared/settings/definitions.js';
import { askFor } from '../support/cancel-calls.js';
import type { Installation } from '../support/installation.js';
import { type Install, it } from '../support/installed-test.js';
import { countsOf, untilFinished } from '../support/outcomes.js';

/** The settings of production, and its limit: a fault that takes the calls or places of others shows in the time. */
const worker = {
  callsPerSecond: 20,
  callsInFlight: Number(settingDefinitions.callsInFlight.default),
  callTimeoutMs: 10_000,
  attempts: 3,
};
const away = 'ap-tokyo';
const perRegion = { ...worker, accessPointOf: (region: string) => `tat.${region}` };
const shared = { ...worker, accessPointOf: () => 'tat' };

/** Enqueues twenty invocations, and says how long it took until all of them were accepted. */
async function timeGoodWork(installation: Installation): Promise<number> {
  const startedAtMs = performance.now();
  const good = await askFor(installation, { invocations: 20 });
  for (const { requestId } of good) {
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ accepted: 2 });
  }
  return performance.now() - startedAtMs;
}

/** How much longer good work takes behind what is already there than it takes alone. */
async function timeLost(installation: Installation, install: Install): Promise<number> {
  const behindMs = await timeGoodWork(installation);
  await installation.close();
  const aloneMs = await timeGoodWork(await install({ worker: shared }));
  return behindMs - aloneMs;
}

describe.each([
  ['one access point for all regions', shared],
  ['an access point for each region', perRegion],
])('with %s', (_name, changes) => {
  it('invocations that hang delay nobody behind them', { timeout: 90_000 }, async ({ install }) => {
    const installation = await install({ workers: 0 });
    installation.simulator.faults.add({ action: 'CancelInvocation', region: away, answer: 'hang' });
    await askFor(installation, { invocations: 60, region: away });
    installation.startWorker(changes);
    expect(await timeLost(installation, install)).toBeLessThan(5_000);
  });
});

it('targets that are refused delay nobody behind them', { timeout: 90_000 }, async ({ install }) => {
  const installation = await install({ workers: 0 });
  const refused = await askFor(installation, { invocations: 40 });
  const deniedInvocations = refused.map(({ invocationId }) => invocationId);
  installation.simulator.credentials.update('AKIDSIMULATOR', { deniedInvocations });
  installation.startWorker(shared);
  expect(await timeLost(installation, install)).toBeLessThan(5_000);
});

it('an unknown region delays nobody behind it', { timeout: 90_000 }, async ({ install }) => {
  const installation = await install({ workers: 0 });
  await askFor(installation, { invocations: 100, asRegion: 'ap-nowhere' });
  installation.startWorker(shared);
  expect(await timeLost(installation, install)).toBeLessThan(5_000);
});

it('an access point that is throttled delays nobody behind it', { timeout: 90_000 }, async ({ install }) => {
  const installation = await install({ workers: 0 });
  const throttled = { action: 'CancelInvocation', region: away, code: 'RequestLimitExceeded' };
  installation.simulator.faults.add(throttled);
  await askFor(installation, { invocations: 600, region: away });
  installation.startWorker(perRegion);
  expect(await timeLost(installation, install)).toBeLessThan(5_000);
});

it('a region whose tasks cannot be read delays no confirmation elsewhere', { timeout: 90_000 }, async ({
  install,
}) => {
  const installation = await install({ workers: 0, simulator: { latency: { minMs: 5, maxMs: 5 } } });
  installation.simulator.faults.add({ action: 'DescribeInvocations', region: away, answer: 'hang' });
  const worker = installation.startWorker(perRegion);
  await askFor(installation, { invocations: 10, region: away, confirm: true });
  await installation.simulator.record.waitForCalls(1, 'DescribeInvocations');
  const startedAtMs = performance.now();
  const good = await askFor(installation, { invocations: 10, confirm: true });
  for (const { requestId } of good) {
    expect(countsOf(await untilFinished(installation, requestId))).toEqual({ terminated: 2 });
  }
  expect(performance.now() - startedAtMs).toBeLessThan(10_000);
  await worker.close(0);
});

it('a slow cloud does not keep one worker below the limit', { timeout: 90_000 }, async ({ install }) => {
  const installation = await install({ workers: 0, simulator: { latency: { minMs: 1_500, maxMs: 1_500 } } });
  const asked = await askFor(installation, { invocations: 150 });
  installation.startWorker(shared);
  for (const { requestId } of asked) await untilFinished(installation, requestId);
  const arrivals = installation.simulator.record.calls('CancelInvocation').map(({ atMs }) => atMs);
  const seconds = ((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)) / 1_000;
  const rate = (arrivals.length - 1) / seconds;
  // Of the limit of 19; ten calls in flight would make it 6.7.
  expect(rate).toBeGreaterThan(13);
});
