import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServerScene, secrets } from '../support/server-scene.js';

let scene: ServerScene;
beforeAll(async () => {
  scene = await ServerScene.start();
});
afterAll(() => scene.close());

/** Sends bytes as they are and resolves with everything that comes back. */
async function send(bytes: string): Promise<string> {
  const { port } = new URL(scene.url);
  const socket = connect({ port: Number(port), host: '127.0.0.1' });
  socket.write(bytes);
  return await text(socket);
}

const token = secrets.operate;

describe('what comes in', () => {
  it('reaches no file outside the page', async () => {
    for (const path of [
      '/assets/../../../package.json',
      '/assets/..%2f..%2f..%2fpackage.json',
      '/assets/%2e%2e/%2e%2e/%2e%2e/package.json',
      '/assets/..\\..\\package.json',
      '/assets//etc/passwd',
      '/assets/%00',
      '/requests/../../package.json',
      '/queues/static/..%2f..%2fpackage.json',
      '/docs/static/..%2f..%2fpackage.json',
    ]) {
      const answer = await send(
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
      );
      expect([path, answer]).not.toEqual([path, expect.stringMatching(/"dependencies"|root:/)]);
      expect([path, answer]).not.toEqual([path, expect.stringMatching(/^HTTP\/1.1 5/)]);
    }
    expect((await scene.call('GET', '/assets/index-1a2b3c.js')).status).toBe(200);
  });

  it('is no larger than its route takes: 10 MB for a request, 64 KB elsewhere', async () => {
    const body = (bytes: number) => JSON.stringify({ reason: 'x'.repeat(bytes) });
    const large = await scene.call('POST', '/v1/queue/pause', { token, body: body(65 * 1_024) });
    expect([large.status, large.body.code]).toEqual([413, 'TOO_LARGE']);
    const fits = await scene.call('POST', '/v1/cancel-requests', { token, body: body(9 * 1_024 * 1_024) });
    expect([fits.status, fits.body.code]).toEqual([400, 'INVALID_REQUEST']);
    const larger = await scene.call('POST', '/v1/cancel-requests', { token, body: body(11 * 1_024 * 1_024) });
    expect([larger.status, larger.body.code]).toEqual([413, 'TOO_LARGE']);
  });

  it('is answered with a problem document when it is no JSON, or tries to change prototypes', async () => {
    for (const body of ['{', '[', 'null', '"text"', '{"__proto__":{"a":1},"targets":[]}', '\u0000']) {
      const answer = await scene.call('POST', '/v1/cancel-requests', { token, body });
      expect([body, answer.status]).toEqual([body, 400]);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.body).toMatchObject({ status: 400, httpRequestId: expect.any(String) });
    }
  });

  it('is answered with a problem document when it is hardly HTTP', async () => {
    const garbage = await send('BREW /coffee HTCPCP/1.0\r\n\r\n');
    expect(garbage).toMatch(/^HTTP\/1\.1 400 /);
    expect(garbage).toContain('application/problem+json');
    const long = await send(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(long).toMatch(/^HTTP\/1\.1 431 /);
    const odd = await scene.call('GET', '/v1/cancel-requests/%E0%A4%A', { token });
    expect([odd.status, odd.headers.get('content-type')]).toEqual([
      400,
      expect.stringContaining('application/problem+json'),
    ]);
    const nowhere = await scene.call('GET', '/nowhere', { token });
    expect([nowhere.status, nowhere.body.code]).toEqual([404, 'NOT_FOUND']);
  });
});

describe('what goes out', () => {
  it('lets the page run no script and show no frame but its own', async () => {
    const page = await scene.call('GET', '/requests/req-1');
    expect(page.text).toContain('<div id="root">');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe-inline');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const asset = await scene.call('GET', '/assets/index-1a2b3c.js');
    expect(asset.headers.get('cache-control')).toContain('immutable');
  });

  it('never lets scripts of other people in, on their pages neither', async () => {
    for (const path of ['/docs', '/queues']) {
      const page = await scene.call('GET', path, { token });
      expect([path, page.status]).toEqual([path, 200]);
      expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
    }
  });

  it('carries the id of the request, the caller’s own if it is fit to print', async () => {
    const own = await scene.call('GET', '/livez', { headers: { 'x-request-id': 'trace-4711' } });
    expect(own.headers.get('x-request-id')).toBe('trace-4711');
    const forged = await scene.call('GET', '/livez', { headers: { 'x-request-id': 'a"b c' } });
    expect(forged.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    const problem = await scene.call('GET', '/v1/cancel-requests/req-0', {
      token,
      headers: { 'x-request-id': 'trace-4712' },
    });
    expect(problem.body).toMatchObject({ code: 'REQUEST_NOT_FOUND', httpRequestId: 'trace-4712' });
  });
});

describe('one token', () => {
  it('gets so many answers a minute, others go on', async () => {
    const small = await ServerScene.start({ environment: { REQUESTS_PER_MINUTE: '5' } });
    try {
      const statuses: number[] = [];
      for (let index = 0; index < 7; index++) {
        statuses.push((await small.call('GET', '/v1/settings', { token: secrets.read })).status);
      }
      expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
      const refused = await small.call('GET', '/v1/settings', { token: secrets.read });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(refused.body).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
      expect((await small.call('GET', '/v1/settings', { token })).status).toBe(200);
      expect((await small.call('GET', '/livez')).status).toBe(200);
    } finally {
      await small.close();
    }
  });
});
