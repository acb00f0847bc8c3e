import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FindSession, type FoundDocument } from './find-session.js';
import { badCommand } from './mixed-world.js';

let session: FindSession;
const args = ['cancel', '--command', badCommand];

let requestsBefore: number;

beforeAll(async () => {
  session = await FindSession.start();
});
beforeEach(async () => {
  session.move();
  session.add({ instances: 3, command: { commandId: badCommand } });
  session.add({ instances: 3, exceptions: { 0: 'finished' }, command: { commandId: badCommand } });
  requestsBefore = await session.countRequests();
});
afterAll(() => session.close());

const enqueued = async () => (await session.countRequests()) - requestsBefore;

describe('what was found', () => {
  it.each(['y\n', 'Yes\n'])('is cancelled after %j', async (stdin) => {
    const { exitCode, stdout, stderr } = await session.run(args, { stdin, isAttended: true });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('Found 2 unfinished invocations on 5 instances, among 2 (2 calls).');
    expect(stderr).toContain(
      'Cancel 1 whole invocation and 2 instances of 1 invocation, 5 instances in all? [y/N] ',
    );
    expect(stdout).toMatch(
      /^Cancel enqueued: 1 whole invocation and 2 instances of 1 invocation \(2 jobs\)\./,
    );
    expect(await enqueued()).toBe(1);
  });

  it.each(['n\n', '\n', 'maybe\n', ''])('is left alone after %j', async (stdin) => {
    const { exitCode, stdout, stderr } = await session.run(args, { stdin, isAttended: true });
    expect([exitCode, stdout]).toEqual([130, '']);
    expect(stderr).toContain('Not confirmed: nothing was cancelled.');
    expect(stderr).not.toContain('error:');
    expect(await enqueued()).toBe(0);
  });

  it('is not even looked for when nobody can be asked', async () => {
    const { exitCode, stdout, stderr } = await session.run(args, { stdin: 'y\n' });
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('there is no terminal to ask at: add --yes');
    expect(session.simulator.record.count()).toBe(0);
    expect(await enqueued()).toBe(0);
  });

  it('is cancelled without a question by --yes, and shown all the same', async () => {
    const { exitCode, stdout, stderr } = await session.run([...args, '--yes']);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Found 2 unfinished invocations[\s\S]+Cancel enqueued: /);
  });

  it('is asked about on stderr with --json, so that stdout stays one document', async () => {
    const { exitCode, document, stderr } = await session.runJson<FoundDocument>(args, {
      stdin: 'y\n',
      isAttended: true,
    });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('[y/N]');
    expect(document).toMatchObject({ jobs: 2, foundInstances: 5 });
    expect(document.requestId).toMatch(/^req-/);
  });

  it('is one request for one key, as long as the same is found', async () => {
    const keyed = [...args, '--yes', '--key', 'incident-7'];
    const first = await session.runJson<FoundDocument>(keyed);
    const second = await session.runJson<FoundDocument>(keyed);
    expect(second.document.requestId).toBe(first.document.requestId);
    session.add({ command: { commandId: badCommand } });
    const third = await session.run(keyed);
    expect(third.exitCode).toBe(2);
    expect(third.stderr).toContain('incident-7 was used before');
  });

  it('never shows what the commands contain', async () => {
    const shown = await session.run([...args, '--yes']);
    const { stdout } = await session.run([...args, '--dry-run', '--json']);
    for (const trace of session.simulator.secretTraces) {
      expect([shown.stdout, shown.stderr, stdout].join('\n')).not.toContain(trace);
    }
  });

  it('cannot steer the terminal by its name', async () => {
    session.add({ command: { commandId: badCommand, commandName: 'x\u001b[2Jy\nz' } });
    const { stdout } = await session.run([...args, '--dry-run']);
    expect(stdout).toContain(`${badCommand} x [2Jy z`);
    expect(stdout).not.toContain('\u001b');
  });
});
