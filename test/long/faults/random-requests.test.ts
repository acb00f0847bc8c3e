import fc from 'fast-check';
import { expect } from 'vitest';
import type { RecordedCall } from '../../../src/simulator/index.js';
import type { Installation } from '../../support/installation.js';
import { it } from '../../support/installed-test.js';
import { countsOf, failedJobs, untilDeadLetters, untilFinished } from '../../support/outcomes.js';
import { type Scenario, type ScenarioRequest, scenarios } from '../../support/random-scenario.js';
import { waitUntil } from '../../support/wait-until.js';

const worker = {
  attempts: 40, // nothing is to be given up for bad luck
  callTimeoutMs: 500,
  timings: { lockMs: 1_000, stalledEveryMs: 300, reconcileEveryMs: 100, leaseMarginMs: 0 },
};

/** Hands all requests in at once while two workers run, of which one may end abruptly. */
async function play(installation: Installation, scenario: Scenario): Promise<string[]> {
  const { simulator, producer } = installation;
  simulator.faults.clear();
  for (const fault of scenario.faults) simulator.faults.add(fault);
  const leaving = installation.startWorker({ concurrency: 3, callsInFlight: 2 });
  const enqueued = Promise.all(scenario.requests.map(({ request }) => producer.enqueue(request)));
  if (scenario.leavesAfter !== undefined) {
    const calls = simulator.record.count('CancelInvocation') + scenario.leavesAfter;
    const gone = simulator.record.waitForCalls(calls, 'CancelInvocation', AbortSignal.timeout(2_000));
    await gone.catch(() => {}); // fewer calls than that did it
  }
  await leaving.close(0);
  return (await enqueued).map(({ requestId }) => requestId);
}

async function expectOutcome(
  installation: Installation,
  requestId: string,
  { doable, strange }: ScenarioRequest,
): Promise<void> {
  const status = await untilFinished(installation, requestId);
  expect(countsOf(status)).toEqual({
    ...(doable.size > 0 ? { accepted: doable.size } : {}),
    ...(strange.size > 0 ? { 'dead-lettered': strange.size } : {}),
  });
  if (strange.size === 0) return;
  const dead = await waitUntil('every stranger has its dead letter', async () => {
    const letters = await untilDeadLetters(installation, 1, { requestId });
    const found = letters.flatMap(({ target: { region, invocationId, instanceIds } }) =>
      (instanceIds ?? []).map((id) => `${region} ${invocationId} ${id}`),
    );
    return found.length >= strange.size ? found : undefined;
  });
  expect(dead.sort()).toEqual([...strange].sort());
}

function expectLegalCall(call: RecordedCall, asked: ReadonlySet<string>): void {
  const place = `${call.region} ${call.invocationId}`;
  if (call.instanceIds === undefined) {
    expect(asked).toContain(place);
    return;
  }
  expect(call.instanceIds.length).toBeGreaterThan(0);
  expect(call.instanceIds.length).toBeLessThanOrEqual(100);
  expect(new Set(call.instanceIds).size).toBe(call.instanceIds.length);
  for (const id of call.instanceIds) expect(asked).toContain(`${place} ${id}`);
}

/** Nothing is left in flight, in the pools or among BullMQ's failures. */
async function expectNothingLeft(installation: Installation): Promise<void> {
  const { redis, prefix } = installation;
  expect(await failedJobs(installation)).toEqual([]);
  await waitUntil('nothing is under way', async () => {
    const left = await Promise.all([
      redis.hlen(`${prefix}:ledger:flights`),
      redis.hlen(`${prefix}:ledger:dead-letter-outbox`),
      redis.zcard(`${prefix}:ledger:open`),
    ]);
    return left.every((count) => count === 0);
  });
}

it('gives every instance of random requests exactly one outcome, whatever fails on the way', async ({
  install,
}) => {
  const installation = await install({ worker });
  const { simulator } = installation;
  await fc.assert(
    fc.asyncProperty(scenarios, async (draw) => {
      const scenario = draw(simulator);
      const callsBefore = simulator.record.count();
      const requestIds = await play(installation, scenario);
      await Promise.all(
        scenario.requests.map((request, index) =>
          expectOutcome(installation, requestIds[index] ?? '', request),
        ),
      );
      const asked = new Set(scenario.requests.flatMap(({ doable, strange }) => [...doable, ...strange]));
      const calls = simulator.record.calls().slice(callsBefore);
      for (const call of calls) if (call.action === 'CancelInvocation') expectLegalCall(call, asked);
      await expectNothingLeft(installation);
    }),
    { numRuns: 6, endOnFailure: true },
  );
}, 120_000);
