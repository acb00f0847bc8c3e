import { describe, expect } from 'vitest';
import { limitOr } from '../../support/full-length.js';
import { it } from '../../support/installed-test.js';
import { countsOf, failedJobs, untilFinished } from '../../support/outcomes.js';
import { addTargets, compareWithCloud } from '../../support/request-truth.js';
import { WorkerProcess } from '../../support/worker-process.js';

const timings = {
  lockMs: 2_500,
  stalledEveryMs: 300,
  reconcileEveryMs: 200,
  leaseMarginMs: 100,
  readBackLeaseMs: 3_000,
};
const changes = { timings, callTimeoutMs: 2_000, callsPerSecond: limitOr(40) };

describe('a worker that is killed three times while it works off 25,000 instances', () => {
  it('loses and doubles nobody, and every outcome is true', { timeout: 240_000 }, async ({ install }) => {
    const installation = await install({ workers: 0, simulator: { callsPerSecond: limitOr(200) } });
    const { producer, simulator } = installation;
    const steady = await WorkerProcess.start(installation, changes);
    let doomed = await WorkerProcess.start(installation, changes);
    const targets = addTargets(installation, 125, 200);
    const { requestId } = await producer.enqueue({ targets });
    const finished = untilFinished(installation, requestId, 200_000); // adds the counts up at every look
    for (const calls of [40, 90, 140]) {
      await simulator.record.waitForCalls(calls, 'CancelInvocation');
      await doomed.kill();
      doomed = await WorkerProcess.start(installation, changes);
    }
    expect(countsOf(await finished)).toEqual({ terminated: 25_000 });
    expect(await compareWithCloud(installation, requestId)).toEqual({ lies: [], compared: 25_000 });
    expect(simulator.record.count('CancelInvocation')).toBeLessThanOrEqual(250 + 3 * 10);
    expect((await installation.deadLetters.list({}, { limit: 10 })).deadLetters).toEqual([]);
    expect(await failedJobs(installation)).toEqual([]);
    await Promise.all([steady.kill(), doomed.kill()]);
  });
});
