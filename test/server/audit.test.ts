import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buryRequests } from '../support/buried-requests.js';
import { CliSession } from '../support/cli-session.js';
import { ServerScene, secrets } from '../support/server-scene.js';

const token = secrets.operate;
let scene: ServerScene;
let requestId: string;
beforeAll(async () => {
  scene = await ServerScene.start();
  const body = { targets: [{ invocationId: 'inv-00000001', instanceIds: ['ins-00000001'] }] };
  const enqueued = await scene.call('POST', '/v1/cancel-requests', { token: secrets.enqueue, body });
  requestId = enqueued.body.requestId;
  await scene.call('POST', `/v1/cancel-requests/${requestId}/withdraw`, { token: secrets.enqueue });
  await scene.call('POST', '/v1/queue/pause', { token, body: { reason: 'change freeze' } });
  await scene.call('POST', '/v1/queue/resume', { token, body: {} });
  await buryRequests(scene.redis, { prefix: scene.prefix, requests: 1 });
  const order = { ids: ['req-dead-0.0.letter'], reason: 'the machine is gone' };
  await scene.call('POST', '/v1/dead-letters/discard', { token, body: order });
});
afterAll(() => scene.close());

const read = (query = '') => scene.call('GET', `/v1/audit${query}`, { token });

interface Entry {
  readonly id: string;
  readonly action: string;
}

describe('the audit', () => {
  it('tells every change in one shape, the newest first', async () => {
    const { status, body } = await read();
    expect(status).toBe(200);
    expect(body.nextCursor).toBeUndefined();
    expect(body.entries).toMatchObject([
      { action: 'discard-letters', by: 'ann', role: 'operate', details: { reason: 'the machine is gone' } },
      {
        action: 'discard-letter',
        by: 'ann',
        letterId: 'req-dead-0.0.letter',
        requestId: 'req-dead-0',
        details: { code: 'NotConfirmed', instances: 2, reason: 'the machine is gone' },
      },
      { action: 'resume', by: 'ann' },
      { action: 'pause', by: 'ann', details: { reason: 'change freeze' } },
      { action: 'withdraw', by: 'service', role: 'enqueue', requestId },
      { action: 'enqueue', by: 'service', requestId, httpRequestId: expect.any(String) },
    ]);
  });

  it('is narrowed down by action, by whom and by request, in pages', async () => {
    const actions = async (query: string) =>
      (await read(query)).body.entries.map(({ action }: Entry) => action);
    expect(await actions('?action=pause')).toEqual(['pause']);
    expect(await actions('?by=service')).toEqual(['withdraw', 'enqueue']);
    expect(await actions(`?requestId=${requestId}&action=withdraw`)).toEqual(['withdraw']);
    const seen: Entry[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await read(`?limit=4${cursor}`);
      seen.push(...body.entries);
      if (body.nextCursor === undefined) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(new Set(seen.map(({ id }) => id)).size).toBe(6);
    expect((await read('?cursor=nonsense')).status).toBe(400);
    expect((await read('?action=sing')).status).toBe(400);
  });

  it('is for operators only', async () => {
    for (const other of [secrets.read, secrets.enqueue]) {
      expect((await scene.call('GET', '/v1/audit', { token: other })).status).toBe(403);
    }
  });

  it('is read by the command line, for people and for programs', async () => {
    const session = new CliSession(scene.prefix);
    const people = await session.run(['audit', '--by', 'service']);
    expect(people.stdout).toMatch(/^AT +BY +ACTION/);
    expect(people.stdout).toMatch(new RegExp(`service \\(enqueue\\) +withdraw +${requestId}`));
    const programs = await session.run(['audit', '--action', 'discard-letter', '--json']);
    expect(JSON.parse(programs.stdout)).toMatchObject({
      entries: [{ action: 'discard-letter', letterId: 'req-dead-0.0.letter' }],
      nextCursor: null,
    });
    expect((await session.run(['audit', '--cursor', 'x'])).exitCode).toBe(2);
  });

  it('tells of entries that nobody can read, instead of leaving them out', async () => {
    await scene.redis.xadd(`${scene.prefix}:audit`, '*', 'note', '{"cut');
    await scene.redis.xadd(`${scene.prefix}:audit`, '*', 'note', '{"at":"x","action":"sing","by":"ann"}');
    const { body } = await read('?limit=2');
    expect(body.entries).toMatchObject([
      { action: 'unreadable', details: { text: expect.stringContaining('sing') } },
      { action: 'unreadable', details: { text: '{"cut' } },
    ]);
  });
});
