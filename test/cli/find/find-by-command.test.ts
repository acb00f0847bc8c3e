import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { FindSession, type FoundDocument, targetsOf } from './find-session.js';
import { badCommand, type Expected, layOutMixedWorld } from './mixed-world.js';

let session: FindSession;
beforeAll(async () => {
  session = await FindSession.start();
});
beforeEach(() => session.move());
afterAll(() => session.close());

function cancelledAtTheCloud(): Expected {
  const calls = session.simulator.record.calls('CancelInvocation');
  return new Map(calls.map(({ invocationId = '', instanceIds }) => [invocationId, instanceIds ?? 'whole']));
}

describe('tat-cancel cancel --command', () => {
  it('cancels exactly what is unfinished among 300 invocations, found with few calls', async () => {
    const { simulator } = session;
    const expected = layOutMixedWorld(session, 300);
    const bystanders = [
      ...simulator.addInvocations(30, { region: session.region }),
      simulator.addInvocation({ region: 'ap-test59', command: { commandId: badCommand } }),
    ];
    session.startWorker();
    const { exitCode, document } = await session.runJson<FoundDocument>([
      ...['cancel', '--command', badCommand, '--yes', '--watch', '--no-confirm'],
      ...['--reason', 'bad rollout', '--priority', 'urgent'],
    ]);
    expect(exitCode).toBe(0);
    expect(targetsOf(document)).toEqual(expected);
    expect(cancelledAtTheCloud()).toEqual(expected);
    expect(document).toMatchObject({ examined: 300, calls: 4, outcome: { total: document.instances } });
    expect(simulator.record.countByCode()).toEqual({
      CancelInvocation: { OK: expected.size },
      DescribeInvocations: { OK: 3 },
      DescribeInvokers: { OK: 1 },
    });
    for (const { invocationId, instanceIds } of bystanders) {
      expect(simulator.task(invocationId, instanceIds[0]!)?.status).toBe('RUNNING');
    }
  });

  it('goes on to proof that everything has stopped, unless told otherwise', async () => {
    const { simulator } = session;
    const { invocationId, instanceIds } = session.add({
      instances: 5,
      exceptions: { 0: 'finished' },
      command: { commandId: badCommand },
    });
    session.startWorker();
    const { exitCode, document } = await session.runJson<FoundDocument>([
      ...['cancel', '--command', badCommand, '--yes', '--watch'],
    ]);
    expect(exitCode).toBe(0);
    expect(document.outcome?.counts).toMatchObject({ terminated: 4, accepted: 0, waiting: 0 });
    const statuses = instanceIds.map((id) => simulator.task(invocationId, id)?.status);
    expect(statuses).toEqual(['SUCCESS', ...Array.from({ length: 4 }, () => 'TERMINATED')]);
  });

  it.each([
    { tasksShown: 0, calls: 2 + 2 },
    { tasksShown: 7, calls: 2 + 2 },
    { tasksShown: 100, calls: 2 + 2 },
    { tasksShown: 150, calls: 2 },
  ])('finds every task of an invocation that shows $tasksShown of 150', async ({ tasksShown, calls }) => {
    const sparing = await FindSession.start({ tasksShown });
    onTestFinished(() => sparing.close());
    const command = { commandId: badCommand };
    const exceptions = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [at, 'finished' as const]));
    const { invocationId, instanceIds } = sparing.add({ instances: 150, exceptions, command });
    const args = ['cancel', '--command', badCommand, '--dry-run'];
    const { document } = await sparing.runJson<FoundDocument>(args);
    expect(targetsOf(document)).toEqual(new Map([[invocationId, instanceIds.slice(50)]]));
    expect(document).toMatchObject({ foundInstances: 100, jobs: 1, calls });
  });

  it('enqueues nothing with --dry-run, and shows what it would do', async () => {
    const { simulator } = session;
    const expected = layOutMixedWorld(session, 40);
    const requestsBefore = await session.countRequests();
    const { exitCode, stdout } = await session.run(['cancel', '--command', badCommand, '--dry-run']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Found ${expected.size} unfinished invocations on `);
    expect(stdout).toMatch(/^INVOCATION +REGION +COMMAND +INSTANCES +STATES +STARTED +BY$/m);
    expect(stdout).toMatch(
      /^inv-\w+ +ap-test\d+ +cmd-badbad01 bad rollout +1 of 3 +1 running +\d\d:\d\d:\d\dZ, just now +user$/m,
    );
    expect(stdout).toContain('Nothing was enqueued.');
    for (const trace of simulator.secretTraces) expect(stdout).not.toContain(trace);
    const { document } = await session.runJson<FoundDocument>([
      'cancel',
      '--command',
      badCommand,
      '--dry-run',
    ]);
    expect(document).toMatchObject({ dryRun: true, requestId: null, jobs: expected.size });
    expect(targetsOf(document)).toEqual(expected);
    expect(await session.countRequests()).toBe(requestsBefore);
    expect(simulator.record.count('CancelInvocation')).toBe(0);
  });

  it('says so when nothing is left to cancel, or nothing is known', async () => {
    session.add({ behaviour: 'finished', command: { commandId: badCommand } });
    const finished = await session.run(['cancel', '--command', badCommand, '--yes']);
    expect(finished).toMatchObject({ exitCode: 0, stderr: '' });
    expect(finished.stdout).toBe(
      `Nothing to cancel: of 1 invocation of cmd-badbad01 in ${session.region}, none is unfinished.\n`,
    );
    const unknown = await session.run(['cancel', '--command', 'cmd-unknown1', '--yes']);
    expect(unknown.stdout).toContain(`the cloud knows no invocation of cmd-unknown1 in ${session.region}`);
    const { document } = await session.runJson<FoundDocument>(['cancel', '--command', badCommand, '--yes']);
    expect(document).toMatchObject({ requestId: null, instances: 0, jobs: 0, found: [], examined: 1 });
  });
});

describe('the search', () => {
  it('takes what was started since then, and no more', async () => {
    const command = { commandId: badCommand };
    const recent = session.add({ ageMs: 60 * 60_000, command });
    session.add({ ageMs: 3 * 3_600_000, command });
    const found = async (since: string) => {
      const args = ['cancel', '--all-running', '--since', since, '--dry-run'];
      return [...targetsOf((await session.runJson<FoundDocument>(args)).document).keys()];
    };
    expect(await found('2h')).toEqual([recent.invocationId]);
    expect(await found(new Date(Date.now() - 2 * 3_600_000).toISOString())).toEqual([recent.invocationId]);
    expect(await found('5m')).toEqual([]);
    expect(await found('1d')).toHaveLength(2);
  });

  it('finds everything in the region with --all-running, whatever command it is', async () => {
    const { simulator } = session;
    const running = simulator.addInvocations(120, { region: session.region, instances: 2 });
    simulator.addInvocations(120, { region: session.region, behaviour: 'finished' });
    simulator.addInvocations(5, { region: 'ap-test58' });
    const { document } = await session.runJson<FoundDocument>(['cancel', '--all-running', '--yes']);
    expect(new Set(targetsOf(document).keys())).toEqual(
      new Set(running.map(({ invocationId }) => invocationId)),
    );
    expect(document).toMatchObject({ examined: 240, calls: 3, foundInstances: 240, jobs: 120 });
    const elsewhere = await session.runJson<FoundDocument>([
      'cancel',
      '--all-running',
      '--dry-run',
      '--region',
      'ap-test58',
    ]);
    expect(elsewhere.document).toMatchObject({ examined: 5, jobs: 5 });
  });

  it('picks one instance out of every invocation that it runs', async () => {
    const { simulator } = session;
    const shared = 'ins-shared01';
    const instanceIds = [shared, 'ins-other001'];
    const one = session.add({ instanceIds, command: { commandId: badCommand } });
    const two = session.add({ instanceIds, command: { commandId: 'cmd-other001' } });
    simulator.addInvocations(3, { region: session.region, instanceIds, behaviour: 'finished' });
    session.add({ instanceIds: ['ins-other001'] });
    const { document } = await session.runJson<FoundDocument>(['cancel', '--instance', shared, '--yes']);
    expect(targetsOf(document)).toEqual(
      new Map([one, two].map(({ invocationId }) => [invocationId, [shared]])),
    );
    expect(session.readCalls).toEqual({ DescribeInvocationTasks: 1 });
    const narrowed = await session.runJson<FoundDocument>([
      'cancel',
      '--instance',
      shared,
      '--instance',
      'ins-other001',
      '--command',
      badCommand,
      '--dry-run',
    ]);
    expect(targetsOf(narrowed.document)).toEqual(new Map([[one.invocationId, instanceIds]]));
  });
});
