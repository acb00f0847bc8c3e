import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliSession } from '../support/cli-session.js';

const session = new CliSession();
let requestId: string;

beforeAll(async () => {
  const args = [
    'cancel',
    'inv-00000001',
    'ins-00000001',
    'ins-00000002',
    '--label',
    'rollout',
    '--reason',
    'bad',
  ];
  ({
    document: { requestId },
  } = await session.runJson<{ requestId: string }>(args));
  await session.runJson(['cancel', 'inv-00000002']);
});

afterAll(async () => {
  await session.close();
});

describe('tat-cancel requests', () => {
  it('lists requests from the newest on, in pages', async () => {
    const { document } = await session.runJson<{ requests: { total: number }[]; nextCursor: number }>([
      'requests',
      '--limit',
      '1',
    ]);
    expect(document.requests.map((request) => request.total)).toEqual([1]);
    const next = await session.runJson<{ requests: { requestId: string }[] }>([
      'requests',
      '--cursor',
      String(document.nextCursor),
    ]);
    expect(next.document.requests.map((request) => request.requestId)).toEqual([requestId]);
  });

  it('says that there are no more when the last page is full', async () => {
    expect((await session.run(['requests', '--limit', '1'])).stdout).toContain('There are more');
    expect((await session.run(['requests', '--limit', '2'])).stdout).not.toContain('There are more');
  });

  it('finds those of one label', async () => {
    const { stdout } = await session.run(['requests', '--label', 'rollout']);
    expect(stdout).toContain(requestId);
    expect(stdout.split('\n').filter(Boolean)).toHaveLength(2);
  });
});

describe('tat-cancel instances', () => {
  it('tells the state of each instance of a request', async () => {
    const { document } = await session.runJson(['instances', requestId, '--state', 'waiting', 'accepted']);
    expect(document).toMatchObject({
      instances: [
        { instanceId: 'ins-00000001', state: 'waiting', invocationId: 'inv-00000001' },
        { instanceId: 'ins-00000002', state: 'waiting' },
      ],
      nextCursor: null,
    });
  });

  it('tells what became of one instance', async () => {
    const { document } = await session.runJson(['instances', 'ins-00000002']);
    expect(document).toMatchObject({ instances: [{ requestId, instanceId: 'ins-00000002' }] });
  });

  it.each([[['--state', 'waiting']], [['--state', 'waiting', 'accepted']]])(
    'takes the id behind the states as well (%j)',
    async (options) => {
      const { exitCode, document } = await session.runJson<{ instances: unknown[] }>([
        ...['instances', ...options, requestId],
      ]);
      expect([exitCode, document.instances]).toEqual([0, [expect.anything(), expect.anything()]]);
    },
  );

  it.each([
    [['--state', 'waiting'], "missing required argument 'id'"],
    [['req-1', '--state', 'wating'], '--state: "wating" is none. Allowed choices are waiting, accepted'],
    [['--state', 'req-1'], '--state: "req-1" is none.'],
    [['ins-x'], '"ins-x" is not an instance id'],
  ])('refuses %j', async (args, message) => {
    const { exitCode, stdout, stderr } = await session.run(['instances', ...args]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('names the way out when there is no such request', async () => {
    const { exitCode, stderr } = await session.run(['instances', 'req-nobody']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('tat-cancel requests');
  });
});

describe('tat-cancel pause and resume', () => {
  it('shows a pause in the status until it is over', async () => {
    await session.run(['pause']);
    expect((await session.run(['status', requestId])).stdout).toContain('tat-cancel resume');
    expect((await session.runJson(['status', requestId])).document).toMatchObject({
      paused: true,
      held: null,
    });
    await session.run(['resume']);
    expect((await session.runJson(['status', requestId])).document).toMatchObject({ paused: false });
  });
});

describe('tat-cancel withdraw', () => {
  it('takes out what was not sent, and changes nothing the second time', async () => {
    const first = await session.runJson(['withdraw', requestId]);
    expect(first.document).toMatchObject({ state: 'withdrawn', counts: { withdrawn: 2, waiting: 0 } });
    const second = await session.runJson(['withdraw', requestId]);
    expect(second.document).toEqual(first.document);
  });

  it('refuses a request that nobody knows', async () => {
    const { exitCode, stderr } = await session.run(['withdraw', 'req-nobody']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('req-nobody')]);
  });
});
