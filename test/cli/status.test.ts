import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BlockedStateStore } from '../../src/shared/blocked-state.js';
import { CliSession } from '../support/cli-session.js';
import { connectToTestRedis } from '../support/test-prefix.js';

const session = new CliSession();
let requestId: string;

beforeAll(async () => {
  const args = [
    'cancel',
    'inv-00000001',
    'ins-00000001',
    'ins-00000002',
    '--reason',
    'bad\u001b[31m rollout',
  ];
  ({
    document: { requestId },
  } = await session.runJson<{ requestId: string }>(args));
});

afterAll(async () => {
  await session.close();
});

describe('tat-cancel status', () => {
  it('gives programs the counts of every state, and whether work is held', async () => {
    const { exitCode, stderr, document } = await session.runJson(['status', requestId]);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(document).toMatchObject({
      requestId,
      state: 'waiting',
      total: 2,
      counts: {
        ...{ waiting: 2, accepted: 0, cancelled: 0, terminated: 0 },
        ...{ 'already-finished': 0, 'dead-lettered': 0, withdrawn: 0 },
      },
      calls: 0,
      held: null,
    });
    expect(document).toHaveProperty('etaSeconds');
  });

  it('gives people a few lines that no reason can break', async () => {
    const { exitCode, stdout } = await session.run(['status', requestId]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^State +waiting$/m);
    expect(stdout).toMatch(/^ {2}waiting +2$/m);
    expect(stdout).toMatch(/^Reason +bad \[31m rollout$/m);
  });

  it('has colours on a terminal, unless NO_COLOR says no', async () => {
    const coloured = await session.run(['status', requestId], { isTerminal: true });
    const plain = await session.run(['status', requestId], {
      isTerminal: true,
      environment: { NO_COLOR: '1' },
    });
    expect(coloured.stdout).toContain('\u001b[33mwaiting');
    expect(plain.stdout).not.toContain('\u001b');
  });

  it('tells why work is held', async () => {
    const redis = connectToTestRedis();
    const held = new BlockedStateStore(redis, session.prefix);
    await held.raise({
      code: 'AuthFailure.SecretIdNotFound',
      message: 'no such key',
      region: 'ap-tokyo',
      since: 0,
      worker: 'w',
      scope: 'everything',
    });
    const { document } = await session.runJson(['status', requestId]);
    expect(document).toMatchObject({ etaSeconds: null, held: { code: 'AuthFailure.SecretIdNotFound' } });
    const { stdout } = await session.run(['status', requestId]);
    expect(stdout).toContain('Held since 1970-01-01T00:00:00.000Z: AuthFailure.SecretIdNotFound in ap-tokyo');
    await held.clear();
    redis.disconnect();
  });

  it.each([[[]], [['--watch']]])('refuses an unknown request (%j)', async (flags) => {
    const { exitCode, stdout, stderr } = await session.run(['status', 'req-unknown', '--json', ...flags]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('No request req-unknown is known');
  });
});
