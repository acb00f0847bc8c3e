import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { InvokerFacts } from '../../../src/simulator/world/invokers.js';
import { FindSession, type FoundDocument } from './find-session.js';
import { badCommand } from './mixed-world.js';

let session: FindSession;
let invoker: InvokerFacts;
const byCommand = ['cancel', '--command', badCommand];
const everything = ['cancel', '--all-running'];

beforeAll(async () => {
  session = await FindSession.start();
});
beforeEach(() => {
  session.move();
  const { simulator, region } = session;
  simulator.addInvoker({ region, commandId: 'cmd-harmless' });
  const instanceIds = ['ins-00000001', 'ins-00000002'];
  invoker = simulator.addInvoker({ region, commandId: badCommand, name: 'nightly cleanup', instanceIds });
  simulator.world.invoke(invoker.invokerId);
});
afterAll(() => session.close());

const isEnabled = () => session.simulator.world.invokers.get(invoker.invokerId).enabled;

describe('a schedule that started what was found', () => {
  it.each([
    ['--command', byCommand],
    ['--all-running', everything],
    ['--instance', ['cancel', '--instance', 'ins-00000001']],
  ])('is named and warned of with %s, and left on', async (_option, args) => {
    const { exitCode, stdout, stderr } = await session.run([...args, '--yes']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`just now +${invoker.invokerId} nightly cleanup$`, 'm'));
    expect(stderr).toBe(
      'warning: 1 schedule will start what is cancelled here again:\n' +
        `  ${invoker.invokerId} nightly cleanup starts ${badCommand} again by "*/5 * * * *", Beijing time\n` +
        'Disable it with --disable-invokers.\n',
    );
    expect(isEnabled()).toBe(true);
  });

  it('is disabled by --disable-invokers, and then starts nothing any more', async () => {
    const { exitCode, document, stderr } = await session.runJson<FoundDocument>([
      ...everything,
      ...['--yes', '--disable-invokers'],
    ]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`Disabled schedule ${invoker.invokerId} nightly cleanup.`);
    expect(document.found).toMatchObject([{ startedBy: 'invoker', invokerId: invoker.invokerId }]);
    expect(document.invokers).toMatchObject([{ invokerId: invoker.invokerId, isEnabled: false }]);
    expect(document.requestId).toMatch(/^req-/);
    expect(session.simulator.world.invoke(invoker.invokerId)).toBeUndefined();
    const again = await session.run([...byCommand, '--dry-run']);
    expect(again.stderr).toBe('');
  });

  it.each([
    ['y\ny\n', false],
    ['y\nn\n', true],
    ['y\n', true],
  ])('is asked about: %j leaves it enabled: %s', async (stdin, stays) => {
    const { exitCode, stdout, stderr } = await session.run(byCommand, { stdin, isAttended: true });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('Disable 1 schedule, so that nothing starts the command again? [y/N]');
    expect(stdout).toContain('Cancel enqueued: 1 whole invocation');
    expect(isEnabled()).toBe(stays);
  });

  it('is part of the one question when --disable-invokers says so', async () => {
    const asked = [...byCommand, '--disable-invokers'];
    const refused = await session.run(asked, { stdin: 'n\n', isAttended: true });
    expect(refused.exitCode).toBe(130);
    expect(refused.stderr).toContain('2 instances in all, and disable 1 schedule? [y/N]');
    expect(isEnabled()).toBe(true);
    const confirmed = await session.run(asked, { stdin: 'y\n', isAttended: true });
    expect(confirmed.exitCode).toBe(0);
    expect(isEnabled()).toBe(false);
  });

  it('is not disabled by --dry-run', async () => {
    const { exitCode } = await session.run([...byCommand, '--dry-run', '--disable-invokers']);
    expect(exitCode).toBe(0);
    expect(isEnabled()).toBe(true);
  });

  it('is disabled although nothing runs at the moment', async () => {
    session.simulator.addInvoker({ region: session.region, commandId: 'cmd-sleeping' });
    const { exitCode, stdout, stderr } = await session.run([
      ...['cancel', '--command', 'cmd-sleeping', '--yes', '--disable-invokers'],
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Nothing to cancel');
    expect(stderr).toContain('Disabled schedule ivk-');
  });

  it('is no matter once it is disabled, or has had its one time', async () => {
    const { simulator, region } = session;
    const commandId = 'cmd-onceonly';
    const schedule = { policy: 'ONCE', invokeTime: '2020-01-01T00:00:00Z' } as const;
    simulator.addInvoker({ region, commandId, enabled: false });
    simulator.addInvoker({ region, commandId, schedule });
    const { document, stderr } = await session.runJson<FoundDocument>([
      ...['cancel', '--command', commandId, '--dry-run'],
    ]);
    expect(document.invokers).toEqual([]);
    expect(stderr).toBe('');
  });

  it('does not keep the commands from being cancelled when the cloud will not disable it', async () => {
    session.simulator.credentials.update('AKIDSIMULATOR', { deniedActions: ['DisableInvoker'] });
    const { exitCode, stdout, stderr } = await session.run([...byCommand, '--yes', '--disable-invokers']);
    expect(exitCode).toBe(3);
    expect(stdout).toContain('Cancel enqueued: 1 whole invocation');
    expect(stderr).toContain(
      `Schedule ${invoker.invokerId} nightly cleanup is still on: DisableInvoker was refused`,
    );
    expect(stderr).toContain('Let the account administrator grant tat:DisableInvoker to this key.');
  });

  it('does not keep the commands from being cancelled when the cloud will not tell of it', async () => {
    session.simulator.credentials.update('AKIDSIMULATOR', { deniedActions: ['DescribeInvokers'] });
    const { exitCode, stdout, stderr } = await session.run([...byCommand, '--yes']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/just now +a schedule$/m);
    expect(stderr).toContain('warning: Whether a schedule starts it again is not known.');
    expect(stderr).toContain('grant tat:DescribeInvokers');
  });
});
