import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationsOf } from '../support/openapi-fuzz.js';
import { ServerScene, secrets } from '../support/server-scene.js';

const token = secrets.operate;
let scene: ServerScene;
// biome-ignore lint/suspicious/noExplicitAny: a description of any shape
let description: any;
beforeAll(async () => {
  scene = await ServerScene.start();
  description = (await scene.call('GET', '/openapi.json', { token })).body;
});
afterAll(() => scene.close());

describe('an address', () => {
  it('that knows other methods only says which', async () => {
    for (const [method, path, allow] of [
      ['DELETE', '/v1/cancel-requests', 'GET, HEAD, POST'],
      ['PUT', '/v1/cancel-requests/req-0', 'GET, HEAD'],
      ['POST', '/livez', 'GET, HEAD'],
      ['OPTIONS', '/v1/queue/pause', 'POST'],
    ] as const) {
      const answer = await scene.call(method, path, { token });
      expect([method, path, answer.status, answer.headers.get('allow')]).toEqual([method, path, 405, allow]);
      expect(answer.body.code).toBe('METHOD_NOT_ALLOWED');
    }
    const nowhere = await scene.call('DELETE', '/v1/nowhere', { token });
    expect([nowhere.status, nowhere.headers.get('allow')]).toEqual([404, null]);
  });
});

describe('an answer', () => {
  it('that has not changed is not sent again', async () => {
    const path = '/v1/cancel-requests';
    const first = await scene.call('GET', path, { token });
    const tag = first.headers.get('etag') ?? '';
    expect(tag).toMatch(/^"[\w-]{20,}"$/);
    for (const given of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const again = await scene.call('GET', path, { token, headers: { 'if-none-match': given } });
      expect([given, again.status, again.text]).toEqual([given, 304, '']);
    }
    const other = await scene.call('GET', path, { token, headers: { 'if-none-match': '"other"' } });
    expect(other.status).toBe(200);
    const body = { targets: [{ invocationId: 'inv-00000001' }] };
    await scene.call('POST', path, { token, body });
    const changed = await scene.call('GET', path, { token, headers: { 'if-none-match': tag } });
    expect([changed.status, changed.body.requests.length]).toEqual([200, 1]);
  });

  it('says where its next page is', async () => {
    const body = { targets: [{ invocationId: 'inv-00000002' }] };
    for (let count = 0; count < 3; count += 1)
      await scene.call('POST', '/v1/cancel-requests', { token, body });
    const seen = new Set<string>();
    for (let path = '/v1/cancel-requests?limit=1&search=inv-00000002'; ; ) {
      const page = await scene.call('GET', path, { token });
      for (const { requestId } of page.body.requests) seen.add(requestId);
      const next = /^<(.*)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
      expect(next === undefined).toBe(page.body.nextCursor === undefined);
      if (next === undefined) break;
      path = next;
    }
    expect(seen.size).toBe(3);
  });

  it('says how much a token has left, before there is nothing', async () => {
    const small = await ServerScene.start({ environment: { REQUESTS_PER_MINUTE: '3' } });
    try {
      const left: (string | null)[] = [];
      for (let count = 0; count < 4; count += 1) {
        const { headers } = await small.call('GET', '/v1/settings', { token });
        left.push(headers.get('ratelimit-remaining'));
        expect([headers.get('ratelimit-limit'), Number(headers.get('ratelimit-reset')) > 0]).toEqual([
          '3',
          true,
        ]);
      }
      expect(left).toEqual(['2', '1', '0', '0']);
    } finally {
      await small.close();
    }
  });
});

describe('the description', () => {
  it('says who may use each route, and what comes in headers', () => {
    for (const { method, path, operation } of operationsOf(description)) {
      const isForAnybody = operation.security?.length === 0;
      expect([path, isForAnybody]).toEqual([
        path,
        ['/livez', '/readyz'].includes(path) || (path === '/v1/session' && method === 'POST'),
      ]);
      for (const response of Object.values<{ headers: object }>(operation.responses)) {
        expect(Object.keys(response.headers)).toContain('X-Request-Id');
      }
      if (path.startsWith('/v1/'))
        expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['421', '500']));
    }
    expect(description.servers).toEqual([{ url: '/', description: 'This server' }]);
    expect(Object.keys(description.webhooks)).toEqual(['cancel-request.finished']);
  });

  it('has examples that are taken as they are', async () => {
    let sent = 0;
    for (const { method, path, operation } of operationsOf(description)) {
      const examples = operation.requestBody?.content?.['application/json']?.examples ?? {};
      for (const [name, { value }] of Object.entries<{ value: object }>(examples)) {
        const answer = await scene.call(method, path, { token, body: value });
        expect([path, name, answer.status]).toEqual([path, name, expect.toSatisfy((status) => status < 300)]);
        sent += 1;
      }
    }
    expect(sent).toBeGreaterThanOrEqual(5);
    await scene.call('POST', '/v1/queue/resume', { token, body: {} });
  });
});
