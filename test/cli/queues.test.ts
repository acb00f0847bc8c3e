import { describe, expect } from 'vitest';
import type { QueueOverview } from '../../src/shared/queue-overview.js';
import { CliSession } from '../support/cli-session.js';
import { it } from '../support/installed-test.js';
import { untilDeadLetters, untilFinished } from '../support/outcomes.js';
import { addTargets } from '../support/request-truth.js';

describe('tat-cancel queues', () => {
  it('tells what waits by priority and what to do about it when no worker runs', async ({ install }) => {
    const installation = await install({ workers: 0 });
    const { producer, prefix } = installation;
    const { requestId } = await producer.enqueue({
      targets: addTargets(installation, 3, 7),
      priority: 'urgent',
    });
    const session = new CliSession(prefix);
    const { exitCode, stdout, stderr } = await session.run(['queues']);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^urgent +3 +21$/m);
    expect(stdout).toMatch(/^low +0 +0$/m);
    expect(stdout).toContain(`1 not settled; the oldest that waits is ${requestId}`);
    expect(stdout).toContain('No worker runs. 1 unsettled request waits.');
    expect(stdout).toContain('Start one: tat-cancel worker');
    const { document } = await session.runJson<QueueOverview>(['queues']);
    expect(document).toMatchObject({
      waiting: { urgent: { jobs: 3, instances: 21 } },
      callsPerSecondLimit: null,
      oldestWaiting: { requestId },
      queues: [{ name: 'tat-cancel', prioritized: 3 }, {}, {}],
    });
  });

  it('tells workers, limit and dead letters when all goes well', async ({ install }) => {
    const installation = await install({ worker: { callsPerSecond: 40 } });
    const { requestId } = await installation.producer.enqueue({
      targets: [{ invocationId: 'inv-0000dead', instanceIds: ['ins-00000001'] }],
    });
    await untilFinished(installation, requestId);
    await untilDeadLetters(installation, 1);
    const { stdout } = await new CliSession(installation.prefix).run(['queues']);
    expect(stdout).toContain('At work: nothing stands in the way.');
    expect(stdout).toMatch(/^Calls +[\d.]+ a second of 40, /m);
    expect(stdout).toMatch(/^Workers +1: test-worker-0 with 0 jobs$/m);
    expect(stdout).toMatch(/^Dead letters +1: tat-cancel dead-letters list --group$/m);
  });

  it('tells who paused and why', async ({ install }) => {
    const installation = await install();
    const session = new CliSession(installation.prefix);
    await session.run(['pause', '--reason', 'looking into \u001b[31mit']);
    const { stdout } = await session.run(['queues']);
    expect(stdout).toMatch(/^Paused by \S+ for \d+\.\d s \(looking into \[31mit\)\.$/m);
    expect(stdout).toContain('No calls are made until: tat-cancel resume');
  });

  it('tells in plain words why work is held, and what to do', async ({ install }) => {
    const installation = await install();
    installation.simulator.credentials.disable('AKIDSIMULATOR');
    const { requestId } = await installation.producer.enqueue({ targets: addTargets(installation, 1, 1) });
    await expect
      .poll(async () => (await installation.producer.status(requestId))?.held, { timeout: 30_000 })
      .toBeTruthy();
    const { stdout } = await new CliSession(installation.prefix).run(['queues']);
    expect(stdout).toMatch(/^Held for [\d.]+ s: .*\(AuthFailure\.\S+ in ap-singapore: /m);
    expect(stdout).toContain('nothing is lost');
  });
});
