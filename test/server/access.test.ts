import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everyAddress, ServerScene, secrets } from '../support/server-scene.js';

let scene: ServerScene;
beforeAll(async () => {
  scene = await ServerScene.start();
});
afterAll(() => scene.close());

/** The page's own files hold no data, and whoever logs in is not known yet. */
const forAnybody = new Set([
  'GET /livez',
  'GET /readyz',
  'POST /v1/session',
  'GET /',
  'GET /requests',
  'GET /requests/*',
  'GET /dead-letters',
  'GET /dead-letters/*',
  'GET /audit',
  'GET /new',
  'GET /login',
  'GET /assets/*',
]);

const forEnqueuers = new Set(['POST /v1/cancel-requests', 'POST /v1/cancel-requests/:id/withdraw']);

function isForAnybody({ method, route }: { method: string; route: string }): boolean {
  return forAnybody.has(`${method === 'HEAD' ? 'GET' : method} ${route}`);
}

function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

describe('who may do what', () => {
  it('knows the routes of everything that the server is made of', () => {
    const known = everyAddress(scene).map(({ method, route }) => `${method} ${route}`);
    expect(known).toEqual(
      expect.arrayContaining([
        'POST /v1/cancel-requests',
        'GET /v1/overview/events',
        'PUT /queues/api/queues/:queueName/obliterate',
        'GET /queues/static/*',
        'GET /docs/static/*',
        'GET /openapi.json',
        'GET /metrics',
      ]),
    );
    expect(known.length).toBeGreaterThan(80);
  });

  it('lets nobody in without a token, wherever it may be', async () => {
    const closed = everyAddress(scene).filter((address) => !isForAnybody(address));
    for (const { method, path, route } of closed) {
      const answer = await scene.call(method, path);
      expect([method, route, answer.status]).toEqual([method, route, 401]);
    }
  });

  it('lets a wrong token in nowhere, and says so in one voice', async () => {
    for (const authorization of [
      'Bearer wrong-secret-7d1f9ac2e6b4',
      `Basic ${btoa(`ann:${secrets.operate}`)}`,
      'Bearer',
      '',
    ]) {
      const answer = await scene.call('GET', '/v1/overview', { headers: { authorization } });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="tat-cancel"');
      expect(answer.body).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
    }
  });

  it('sends a browser that opens a page of others to the log-in, and back there', async () => {
    const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    for (const path of ['/queues', '/queues/queue/tat-cancel?status=failed', '/docs/static/index.html']) {
      for (const cookie of ['', 'tat_cancel_session=forged.session']) {
        const answer = await scene.call('GET', path, { headers: { ...headers, cookie } });
        expect([path, answer.status, answer.headers.get('location')]).toEqual([
          path,
          303,
          `/login?next=${encodeURIComponent(path)}`,
        ]);
      }
    }
    const wrong = { ...headers, authorization: 'Bearer wrong-secret-7d1f9ac2e6b4' };
    expect((await scene.call('GET', '/queues', { headers: wrong })).status).toBe(401);
    expect((await scene.call('GET', '/v1/overview', { headers })).status).toBe(401);
    expect((await scene.call('PUT', '/queues/api/queues/tat-cancel/pause', { headers })).status).toBe(401);
    expect((await scene.call('GET', '/queues', { headers, token: secrets.read })).status).toBe(200);
  });

  it('lets the role read change nothing by any route, those of the board among them', async () => {
    const before = await scene.redis.keys(`${scene.prefix}*`);
    const changing = everyAddress(scene).filter(
      (address) => !isReading(address.method) && !isForAnybody(address) && address.route !== '/v1/session',
    );
    expect(changing.length).toBeGreaterThan(25);
    for (const { method, path, route } of changing) {
      const answer = await scene.call(method, path, { token: secrets.read, body: {} });
      expect([method, route, answer.status]).toEqual([method, route, 403]);
      expect(answer.body).toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(await scene.redis.keys(`${scene.prefix}*`)).toEqual(before);
  });

  it('lets the role enqueue hand in and withdraw, and no more', async () => {
    const changing = everyAddress(scene).filter(
      (address) => !isReading(address.method) && !isForAnybody(address) && address.route !== '/v1/session',
    );
    for (const { method, path, route } of changing) {
      const answer = await scene.call(method, path, { token: secrets.enqueue, body: {} });
      expect([method, route, answer.status === 403]).toEqual([
        method,
        route,
        !forEnqueuers.has(`${method} ${route}`),
      ]);
    }
  });

  it('lets every role read all there is to be read', async () => {
    const reading = everyAddress(scene).filter(
      // The board's list of connections and the audit tell addresses: the one is for nobody, the other for operators.
      ({ method, route }) => method === 'GET' && !/\/(?:events|workers|audit)$/.test(route),
    );
    for (const { path, route } of reading) {
      const answer = await scene.call('GET', path, { token: secrets.read });
      expect([route, [401, 403, 500].includes(answer.status)]).toEqual([route, false]);
    }
  });

  it('writes no secret into its log', async () => {
    await scene.call('GET', `/v1/overview?token=${secrets.operate}`, { token: secrets.read });
    await scene.call('POST', '/v1/session', { body: { token: secrets.operate } });
    const log = scene.logLines.join('');
    expect(log).toContain('"route":"/v1/overview"');
    for (const secret of Object.values(secrets)) expect(log).not.toContain(secret);
  });
});
