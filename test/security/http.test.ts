import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fullLengthOr } from '../support/full-length.js';
import { type Answer, everyAddress, pathOf, ServerScene, secrets } from '../support/server-scene.js';
import { deepJson, FuzzSource, fuzzBytes } from './support/fuzz-source.js';

vi.setConfig({ testTimeout: 600_000 });

const token = secrets.operate;
let scene: ServerScene;
beforeAll(async () => {
  scene = await ServerScene.start({ environment: { REQUESTS_PER_MINUTE: '10000000' } });
});
afterAll(() => scene.close());

/** Neither a fault of the server nor an answer that is none: a failure is a problem document. */
function judge(what: unknown, answer: Answer): void {
  expect([what, answer.status]).toEqual([what, expect.toSatisfy((status) => status >= 200 && status < 500)]);
  const isBoards = JSON.stringify(what).includes('/queues/api/'); // which says so in its own way
  if (answer.status < 400 || isBoards) return;
  const found = [what, answer.headers.get('content-type'), answer.body];
  const problem = { status: answer.status, code: expect.any(String), title: expect.any(String) };
  expect(found).toEqual([what, 'application/problem+json', expect.objectContaining(problem)]);
}

/** What is not sent to: news that never end. */
const addresses = () =>
  everyAddress(scene).filter(({ method, route }) => method !== 'HEAD' && !route.endsWith('/events'));

/** A path part with anything in it, as a client would have to write it. */
function anyPart(fuzz: FuzzSource): string {
  const part = fuzz.text(30);
  return safely(() => encodeURIComponent(part)) ?? '%ED%A0%80';
}

function safely<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof URIError) return undefined; // a lone surrogate
    throw error;
  }
}

/** Sends bytes as they are; resolves with everything that comes back until the server ends the connection. */
async function send(bytes: string | Buffer, end = true): Promise<string> {
  const socket = connect({ port: Number(new URL(scene.url).port), host: '127.0.0.1' });
  socket.on('error', () => {}); // a reset while we still send is the server's right
  if (end) socket.end(bytes);
  else socket.write(bytes);
  return await readText(socket).catch(() => '');
}

async function expectAlive(): Promise<void> {
  expect((await scene.call('GET', '/livez')).status).toBe(200);
}

describe('a request of any content', () => {
  it('is answered with a problem document or carried out, by every route', async () => {
    const fuzz = new FuzzSource('http requests');
    const all = addresses();
    for (let sent = 0; sent < fuzzBytes; ) {
      const { method, route } = fuzz.pick(all);
      const path = pathOf(route.replace(/:[A-Za-z]+|\*/g, () => anyPart(fuzz)));
      const query = Array.from({ length: fuzz.number(3) }, () => {
        const name = fuzz.pick([
          'cursor',
          'limit',
          'state',
          'search',
          'code',
          'outcome',
          'format',
          'dryRun',
          anyPart(fuzz),
        ]);
        return `${name}=${anyPart(fuzz)}`;
      }).join('&');
      const hasBody = method !== 'GET' && method !== 'HEAD';
      const body = fuzz.number(2) === 0 ? JSON.stringify(fuzz.value()) : fuzz.text(500);
      const answer = await scene.call(method, `${path}?${query}`, { token, ...(hasBody ? { body } : {}) });
      sent += path.length + query.length + (hasBody ? body.length : 0);
      judge([method, path, query, hasBody ? body : ''], answer);
    }
    await expectAlive();
  });

  it('is refused or taken when a good body was damaged', async () => {
    const fuzz = new FuzzSource('http bodies');
    const bodies = {
      '/v1/cancel-requests': {
        targets: [{ invocationId: 'inv-00000001', instanceIds: ['ins-00000001'] }],
        reason: 'x',
      },
      '/v1/dead-letters/redrive': { filter: { code: 'NotConfirmed' }, region: 'ap-singapore' },
      '/v1/dead-letters/discard': { ids: ['req-1.0.abc'], reason: 'x' },
      '/v1/queue/pause': { reason: 'x' },
    };
    for (let sent = 0; sent < fuzzBytes / 4; ) {
      for (const [path, good] of Object.entries(bodies)) {
        const body = fuzz.damage(Buffer.from(JSON.stringify(good))).toString('latin1');
        sent += body.length;
        judge([path, body], await scene.call('POST', path, { token, body }));
      }
    }
    await scene.call('POST', '/v1/queue/resume', { token, body: {} });
  });

  it('with headers of any kind is told so, never believed', async () => {
    const fuzz = new FuzzSource('http headers');
    const names = [
      'authorization',
      'cookie',
      'x-request-id',
      'idempotency-key',
      'origin',
      'sec-fetch-site',
      'content-type',
      'accept',
      'last-event-id',
      'x-forwarded-for',
      'if-none-match',
      'range',
      'accept-encoding',
      'x-requested-with',
    ];
    for (let sent = 0; sent < fuzzBytes / 4; ) {
      const name = fuzz.pick(names);
      // What may stand in a header at all; other bytes are the raw sockets' business.
      const value = fuzz
        .text(200)
        .replace(/[^\t\u0020-\u007e\u0080-\u00ff]/g, '')
        .trim();
      sent += value.length + 20;
      const headers = { [name]: value };
      const read = await scene.call('GET', '/v1/overview', {
        ...(name === 'authorization' ? {} : { token }),
        headers,
      });
      judge([name, value], read);
      const change = await scene.call('POST', '/v1/cancel-requests', { headers, body: '{}' });
      expect([name, value, change.status < 500 && change.status >= 400]).toEqual([name, value, true]);
    }
  });

  it.each<[string, string]>([
    ['deep JSON', deepJson(30_000)],
    ['deep objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['a deep target', `{"targets":[{"invocationId":${deepJson(30_000)}}]}`],
    ['a prototype', '{"__proto__":{"isAdmin":true},"targets":[]}'],
    ['a prototype by its constructor', '{"constructor":{"prototype":{"isAdmin":true}},"targets":[]}'],
    ['lone surrogates', '{"targets":[],"reason":"\\ud800"}'],
    ['NULs', '{"targets":[],"reason":"\\u0000"}\0'],
    ['a byte order mark', '\uFEFF{"targets":[]}'],
    ['numbers beyond all bounds', '{"targets":[1e999,-1e999,1e-999]}'],
    ['doubled names', '{"targets":[],"targets":{}}'],
  ])('that holds %s is refused', async (_name, body) => {
    const answer = await scene.call('POST', '/v1/cancel-requests', { token, body });
    judge(body.slice(0, 60), answer);
    expect(answer.status).toBe(400);
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
  });

  it('keeps nobody else waiting, however much is wrong with it', async () => {
    const floods = [
      `{"targets":[{"invocationId":"inv-00000001","instanceIds":[${'"",'.repeat(3_000_000)}""]}]}`,
      `{"targets":[${'{},'.repeat(3_000_000)}{}]}`,
      `{${Array.from({ length: 700_000 }, (_, index) => `"f${index}":1`).join(',')}}`,
      `{"targets":[],"reason":"${'x'.repeat(10_000_000)}"}`,
    ];
    for (const body of floods) {
      const startedAt = performance.now();
      const answer = await scene.call('POST', '/v1/cancel-requests', { token, body });
      expect([body.slice(0, 40), answer.status]).toEqual([body.slice(0, 40), 400]);
      expect(answer.text.length).toBeLessThanOrEqual(64 * 1_024);
      // Looking through 10 MB takes a moment; looking at each id of millions took a minute.
      expect([body.slice(0, 40), performance.now() - startedAt]).toEqual([
        body.slice(0, 40),
        expect.toSatisfy((ms) => ms < 10_000),
      ]);
    }
  });
});

describe('a connection of any content', () => {
  it('in random bytes is answered with 400 or ended', async () => {
    const fuzz = new FuzzSource('http bytes');
    for (let sent = 0; sent < fuzzBytes; ) {
      const bytes = fuzz.bytes(1 + fuzz.number(20_000));
      sent += bytes.length;
      expect(await send(bytes)).toMatch(/^$|^HTTP\/1\.1 4\d\d /);
    }
    await expectAlive();
  });

  it('in damaged HTTP is answered as what it is', async () => {
    const fuzz = new FuzzSource('http messages');
    const body = '{"targets":[]}';
    const good = `POST /v1/cancel-requests HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
    for (let sent = 0; sent < fuzzBytes / 2; sent += good.length) {
      expect(await send(fuzz.damage(Buffer.from(good)))).not.toMatch(/^HTTP\/1\.1 5/);
    }
    await expectAlive();
  });

  it.each<[string, string, RegExp]>([
    [
      'a chunk size that is none',
      'Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
    [
      'a chunk size beyond all bounds',
      'Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc',
      /^HTTP\/1\.1 4/,
    ],
    ['two lengths', 'Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd', /^HTTP\/1\.1 400 /],
    [
      'a length and chunks (smuggling)',
      'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
    ['a negative length', 'Content-Length: -1\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['a length beyond all bounds', 'Content-Length: 99999999999\r\n\r\nabc', /^HTTP\/1\.1 413 /],
    ['a line in a header', 'X: a\nb\r\n\r\n', /^HTTP\/1\.1 4/],
    ['a NUL in a header', 'X: a\0b\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['a hundred kilobytes of headers', `X: ${'x'.repeat(100_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    [
      'ten thousand headers',
      `${Array.from({ length: 10_000 }, (_, index) => `X${index}: 1\r\n`).join('')}\r\n`,
      /^HTTP\/1\.1 4/,
    ],
  ])('with %s is refused', async (_name, rest, expected) => {
    const head = `POST /v1/cancel-requests HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nConnection: close\r\n`;
    expect(await send(head + rest, false)).toMatch(expected);
    await expectAlive();
  });

  it('with more chunks than a body may have is cut off', async () => {
    const head = `POST /v1/queue/pause HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
    expect(await send(head + chunk.repeat(20), false)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('that says nothing, or little by little, is ended in bounded time', async () => {
    const { server } = scene.server.app;
    // Their defaults would let headers take a minute and a whole request five.
    expect(server.headersTimeout).toBeLessThanOrEqual(15_000);
    expect(server.requestTimeout).toBeLessThanOrEqual(30_000);
    expect(server.keepAliveTimeout).toBeLessThanOrEqual(75_000);
  });

  it.runIf(fullLengthOr(1, 0))('is ended when its bytes drip', async () => {
    const socket = connect({ port: Number(new URL(scene.url).port), host: '127.0.0.1' });
    const startedAt = performance.now();
    socket.write('POST /v1/session HTTP/1.1\r\nHost: localhost\r\nX: ');
    const answer = await readText(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(performance.now() - startedAt).toBeLessThan(30_000);
  });

  it('keeps nobody out by being one of many', async () => {
    const port = Number(new URL(scene.url).port);
    const sockets = Array.from({ length: fullLengthOr(2_000, 500) }, () => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.on('error', () => {});
      socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n');
      return socket;
    });
    await expectAlive();
    for (const socket of sockets) socket.destroy();
  });
});

describe('the log of the server', () => {
  it('has told of no fault of its own after all this', () => {
    expect(scene.logLines.filter((line) => line.includes('a request met a fault of the server'))).toEqual([]);
  });
});
