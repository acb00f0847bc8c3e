import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buryRequests } from '../support/buried-requests.js';
import { everyAddress, ServerScene, secrets } from '../support/server-scene.js';
import { waitUntil } from '../support/wait-until.js';

const token = secrets.operate;
let scene: ServerScene;
beforeAll(async () => {
  scene = await ServerScene.start();
  await buryRequests(scene.redis, { prefix: scene.prefix, requests: 3, codes: ['NotConfirmed'] });
  await waitUntil('the server knows the letters', async () => (await letters()) === 3);
});
afterAll(() => scene.close());

async function letters(): Promise<number> {
  return (await scene.call('GET', '/v1/dead-letters?limit=1', { token })).body.total;
}

/** Bodies that are right: what is wrong with a body is told first. */
const bodies: Readonly<Record<string, object>> = {
  'POST /v1/session': { token: 'nobody-knows-this-token' },
  'POST /v1/cancel-requests': { targets: [{ invocationId: 'inv-0000none' }] },
  'POST /v1/dead-letters/redrive': { filter: {} },
  'PUT /v1/limit': { callsPerSecond: 1 },
  'POST /v1/dead-letters/discard': { filter: {}, reason: 'x' },
};

const targets = [{ invocationId: 'inv-0000none', instanceIds: ['ins-00000001'] }];

describe('a query parameter that a route does not know', () => {
  it('is refused by every route of the interface, and nothing is done', async () => {
    const routes = everyAddress(scene).filter(
      ({ method, route }) => /^\/v1\//.test(route) && method !== 'HEAD',
    );
    expect(routes.length).toBeGreaterThan(20);
    for (const { method, path } of routes) {
      const answer = await scene.call(method, `${path}?zzzzz=1`, {
        token,
        ...(method === 'GET' ? {} : { body: bodies[`${method} ${path}`] ?? {} }),
      });
      const found = [method, path, answer.status, answer.body?.problems];
      expect(found).toEqual([
        method,
        path,
        400,
        expect.arrayContaining([
          { path: 'zzzzz', message: expect.stringMatching(/^is no query parameter here/) },
        ]),
      ]);
    }
    expect((await scene.call('GET', '/openapi.json?zzzzz=1', { token })).status).toBe(400);
  });

  it.each([
    ['POST', '/v1/cancel-requests?dryrun=true', 'dryRun'],
    ['POST', '/v1/cancel-requests?dry_run=true', 'dryRun'],
    ['POST', '/v1/dead-letters/discard?dry-run=true', 'dryRun'],
    ['GET', '/v1/dead-letters?request=req-dead-1', 'requestId'],
    ['GET', '/v1/dead-letters/groups?invocation=inv-00000001', 'invocationId'],
    ['GET', '/v1/dead-letters/export?olderThan=60', 'olderThanSeconds'],
    ['GET', '/v1/cancel-requests?limits=10', 'limit'],
  ])('%s %s is told which one was probably meant', async (method, path, meant) => {
    const order = path.includes('discard') ? { filter: {}, reason: 'x' } : { targets };
    const body = method === 'GET' ? {} : { body: order };
    const answer = await scene.call(method, path, { token, ...body });
    expect([answer.status, answer.body.problems[0].message]).toEqual([
      400,
      `is no query parameter here; did you mean ${meant}?`,
    ]);
    expect(await letters()).toBe(3);
    expect(
      (await scene.call('GET', '/v1/cancel-requests?search=inv-0000none', { token })).body.requests,
    ).toEqual([]);
  });

  it('leaves those alone who only ask whether the server is alive', async () => {
    for (const path of ['/livez?verbose', '/readyz?verbose', '/?x=1', '/requests?state=finished&x=1']) {
      expect([path, (await scene.call('GET', path)).status]).toEqual([path, 200]);
    }
  });
});

describe('a dry run', () => {
  it('is asked for in the query, and changes nothing', async () => {
    for (const path of ['redrive', 'discard']) {
      const body = { filter: {} };
      const answer = await scene.call('POST', `/v1/dead-letters/${path}?dryRun=true`, { token, body });
      expect([path, answer.status, answer.body]).toMatchObject([path, 200, { dryRun: true, letters: 3 }]);
    }
    expect(await letters()).toBe(3);
  });

  it('asked for in a body is refused with where it belongs', async () => {
    const hint = { message: expect.stringContaining('dryRun is a query parameter') };
    for (const [path, body] of [
      ['/v1/cancel-requests', { targets, dryRun: true }],
      ['/v1/dead-letters/redrive', { filter: {}, dryRun: true }],
      ['/v1/dead-letters/discard', { filter: {}, dryRun: true, reason: 'x' }],
    ] as const) {
      const answer = await scene.call('POST', path, { token, body });
      expect([path, answer.status, answer.body.problems]).toMatchObject([path, 400, [hint]]);
    }
    expect(await letters()).toBe(3);
  });

  it('that could be read two ways is refused', async () => {
    for (const query of ['dryRun', 'dryRun=', 'dryRun=1', 'dryRun=True', 'dryRun=true&dryRun=false']) {
      const answer = await scene.call('POST', `/v1/dead-letters/discard?${query}`, {
        token,
        body: { filter: {}, reason: 'x' },
      });
      expect([query, answer.status]).toEqual([query, 400]);
    }
    expect(await letters()).toBe(3);
  });
});

describe('a number in a query', () => {
  it.each([
    '0x10',
    '1e2',
    '10.0',
    '+10',
    ' 10',
    '-1',
    '',
    'ten',
    '010',
    '99999999999999999999',
    '10&limit=20',
  ])('is refused as %j', async (limit) => {
    const answer = await scene.call('GET', `/v1/dead-letters?limit=${limit.replaceAll(' ', '%20')}`, {
      token,
    });
    expect([answer.status, answer.body.problems?.[0].path]).toEqual([400, 'limit']);
  });

  it('is taken in digits', async () => {
    const answer = await scene.call('GET', '/v1/dead-letters?limit=2', { token });
    expect(answer.body.deadLetters).toHaveLength(2);
  });
});
