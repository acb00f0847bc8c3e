import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LoginThrottle } from '../../src/server/auth/login-throttle.js';
import { SessionCookie, sessionMs } from '../../src/server/auth/session-cookie.js';
import { SessionKey } from '../../src/server/auth/session-key.js';
import { TokenBook } from '../../src/server/auth/token-book.js';
import { parseAccessTokens } from '../../src/shared/settings/index.js';
import { pageHeaders, ServerScene, secrets } from '../support/server-scene.js';

let scene: ServerScene;
beforeAll(async () => {
  scene = await ServerScene.start();
});
afterAll(() => scene.close());

function read(cookie: string) {
  return scene.call('GET', '/v1/session', { headers: { cookie } });
}

describe('logging in', () => {
  it('turns a token into a cookie that scripts and other sites never see', async () => {
    const answer = await scene.call('POST', '/v1/session', { body: { token: secrets.operate } });
    expect([answer.status, answer.body]).toEqual([200, { name: 'ann', role: 'operate' }]);
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(
      /^tat_cancel_session=[\w-]+\.[\w-]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect(cookie).not.toContain(secrets.operate);
    expect((await read(cookie.split(';')[0] ?? '')).body).toEqual({
      name: 'ann',
      role: 'operate',
      open: false,
    });
  });

  it('keeps the cookie to encrypted connections behind an https address', async () => {
    const other = await ServerScene.start({ environment: { PUBLIC_URL: 'https://tat.example.com' } });
    try {
      const answer = await other.call('POST', '/v1/session', { body: { token: secrets.read } });
      expect(answer.headers.get('set-cookie')).toContain('; Secure');
      expect(answer.headers.get('strict-transport-security')).toContain('max-age=');
    } finally {
      await other.close();
    }
  });

  it('logs out', async () => {
    const cookie = await scene.logIn(secrets.operate);
    const answer = await scene.call('DELETE', '/v1/session', { headers: pageHeaders(cookie), body: {} });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('set-cookie')).toMatch(/^tat_cancel_session=; .*Expires=Thu, 01 Jan 1970/);
  });

  it('takes no forged, cut, foreign or expired cookie', async () => {
    const cookie = await scene.logIn(secrets.read);
    const [name = '', value = ''] = cookie.split('=');
    const [body = '', signature = ''] = value.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    const better = Buffer.from(JSON.stringify({ ...claims, name: 'ann' })).toString('base64url');
    const flipped = signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
    for (const forged of [
      `${better}.${signature}`,
      `${better}.`,
      better,
      `${body}.${flipped}`,
      `${body}.${signature}.x`,
      `${body}.${signature.slice(0, 10)}`,
      'x',
      '',
      await forgedByTheSettings(),
    ]) {
      expect([forged, (await read(`${name}=${forged}`)).status]).toEqual([forged, 401]);
    }
    expect((await read(cookie)).status).toBe(200);
  });
});

function parse(text: string) {
  return parseAccessTokens(text, (message) => {
    throw new Error(message);
  });
}

/** What somebody can sign who has a copy of all settings, and not of Redis. */
async function forgedByTheSettings(): Promise<string> {
  const tokens = parse(`ann:operate:${secrets.operate}`);
  const key = new SessionKey(storeOf('a guess at what is in Redis'), process.env.SESSION_SECRET);
  return await new SessionCookie(new TokenBook(tokens), key).issue(tokens[0] as never);
}

function storeOf(stored: string) {
  return { readOrCreate: async () => stored };
}

describe('a session', () => {
  const key = (secret = 'a secret of the settings', stored = 'random, in Redis') =>
    new SessionKey(storeOf(stored), secret);
  const [token] = parse(`ann:operate:${secrets.operate}`);
  if (token === undefined) throw new Error('there is a token');
  const tokens = new TokenBook([token]);

  it('ends after twelve hours', async () => {
    let now = 1_000;
    const sessions = new SessionCookie(tokens, key(), () => now);
    const cookie = await sessions.issue(token);
    now += sessionMs - 1;
    expect(await sessions.read(cookie)).toMatchObject({ name: 'ann', role: 'operate', via: 'session' });
    now += 1;
    expect(await sessions.read(cookie)).toBeUndefined();
  });

  it('is none that claims to be longer, whoever signed it', async () => {
    const cookie = await new SessionCookie(tokens, key(), () => Date.now() + sessionMs).issue(token);
    expect(await new SessionCookie(tokens, key()).read(cookie)).toBeUndefined();
  });

  it('takes both halves of its key: settings alone, or Redis alone, sign none that is good', async () => {
    const cookie = await new SessionCookie(tokens, key()).issue(token);
    expect(await new SessionCookie(tokens, key()).read(cookie)).toBeDefined();
    expect(await new SessionCookie(tokens, key('another secret')).read(cookie)).toBeUndefined();
    expect(await new SessionCookie(tokens, key(undefined, 'another Redis')).read(cookie)).toBeUndefined();
    expect(await new SessionCookie(tokens, new SessionKey(storeOf('random, in Redis'))).read(cookie)).toBe(
      undefined,
    );
  });

  it('is good on every server of the installation, also without a SESSION_SECRET, and after a restart', async () => {
    const cookie = await scene.logIn(secrets.operate);
    const other = await ServerScene.start({ prefix: scene.prefix });
    try {
      const answer = await other.call('GET', '/v1/session', { headers: { cookie } });
      expect([answer.status, answer.body.name]).toEqual([200, 'ann']);
    } finally {
      await other.close();
    }
    const foreign = await ServerScene.start();
    try {
      expect((await foreign.call('GET', '/v1/session', { headers: { cookie } })).status).toBe(401);
    } finally {
      await foreign.close();
    }
  });

  it('follows its token: another role at once, another secret not at all', async () => {
    const cookie = await new SessionCookie(tokens, key()).issue(token);
    const demoted = new SessionCookie(new TokenBook(parse(`ann:read:${secrets.operate}`)), key());
    expect(await demoted.read(cookie)).toMatchObject({ role: 'read' });
    const renewed = new SessionCookie(new TokenBook(parse('ann:operate:another-secret-7d1f9ac2e6b4')), key());
    expect(await renewed.read(cookie)).toBeUndefined();
  });
});

describe('guessing', () => {
  it('ten thousand tries come to nothing, and the owner of a token works on', async () => {
    const guesser = await ServerScene.start();
    try {
      const statuses = new Map<number, number>();
      for (let from = 0; from < 10_000; from += 100) {
        const tries = Array.from({ length: 100 }, (_, index) =>
          guesser.server.app.inject({
            method: 'POST',
            url: '/v1/session',
            payload: { token: `guess-number-${from + index}` },
          }),
        );
        for (const { statusCode } of await Promise.all(tries)) {
          statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
        }
      }
      // Ten were compared; perhaps ten more, if a minute was over meanwhile.
      const compared = statuses.get(401) ?? 0;
      expect(compared).toBeGreaterThanOrEqual(10);
      expect(compared).toBeLessThanOrEqual(30);
      expect((statuses.get(429) ?? 0) + compared).toBe(10_000);
      const refused = await guesser.call('POST', '/v1/session', { body: { token: secrets.operate } });
      expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
      const warnings = guesser.logLines.filter((line) => line.includes('access token'));
      expect(warnings.length).toBeGreaterThanOrEqual(2);
      expect(warnings.length).toBeLessThanOrEqual(6);
      expect(JSON.parse(warnings[0] ?? '')).toMatchObject({
        address: '127.0.0.1',
        msg: 'access token refused',
      });
      expect(warnings.join()).not.toContain('guess-number');
    } finally {
      await guesser.close();
    }
  }, 60_000);

  it('counts wrong bearer tokens as well', async () => {
    const guesser = await ServerScene.start();
    try {
      const statuses: number[] = [];
      for (let index = 0; index < 12; index++) {
        statuses.push((await guesser.call('GET', '/v1/overview', { token: `guess-number-${index}` })).status);
      }
      expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
    } finally {
      await guesser.close();
    }
  });

  it('is counted by the address that a trusted proxy tells, and by no other', async () => {
    for (const [TRUST_PROXY, expected] of [
      ['127.0.0.1', 200],
      ['10.0.0.0/8', 429],
      [undefined, 429],
    ] as const) {
      const proxied = await ServerScene.start({ environment: { TRUST_PROXY } });
      try {
        const logIn = (token: string, address: string) =>
          proxied.call('POST', '/v1/session', { body: { token }, headers: { 'x-forwarded-for': address } });
        for (let index = 0; index < 10; index++) await logIn(`guess-number-${index}`, '192.0.2.1');
        expect((await logIn(secrets.read, '192.0.2.1')).status).toBe(429);
        expect([TRUST_PROXY, (await logIn(secrets.read, '192.0.2.2')).status]).toEqual([
          TRUST_PROXY,
          expected,
        ]);
      } finally {
        await proxied.close();
      }
    }
  });

  it('by bearer tokens finds nothing, not even the right one, while the address has to wait', async () => {
    const guesser = await ServerScene.start();
    try {
      for (let index = 0; index < 10; index++) {
        await guesser.call('GET', '/v1/overview', { token: `guess-number-${index}` });
      }
      expect((await guesser.call('GET', '/v1/overview', { token: secrets.read })).status).toBe(429);
    } finally {
      await guesser.close();
    }
  });

  it('holds up no token that came from there before', async () => {
    const guesser = await ServerScene.start();
    try {
      expect((await guesser.call('GET', '/v1/overview', { token: secrets.read })).status).toBe(200);
      for (let index = 0; index < 12; index++) {
        await guesser.call('GET', '/v1/overview', { token: `guess-number-${index}` });
      }
      expect((await guesser.call('GET', '/v1/overview', { token: secrets.read })).status).toBe(200);
      expect((await guesser.call('GET', '/v1/overview', { token: secrets.operate })).status).toBe(429);
    } finally {
      await guesser.close();
    }
  });

  it('from a thousand addresses, ten thousand times, is noticed by nobody elsewhere', async () => {
    const proxied = await ServerScene.start({ environment: { TRUST_PROXY: '127.0.0.1' } });
    try {
      const guess = (number: number) =>
        proxied.server.app.inject({
          method: 'POST',
          url: '/v1/session',
          headers: { 'x-forwarded-for': `10.0.${(number % 1_000) >> 8}.${number % 250}` },
          payload: { token: `guess-number-${number}` },
        });
      const logIns: number[] = [];
      for (let from = 0; from < 10_000; from += 200) {
        const guesses = Array.from({ length: 200 }, (_, index) => guess(from + index));
        const startedAt = performance.now();
        const { status } = await proxied.call('POST', '/v1/session', {
          body: { token: secrets.operate },
          headers: { 'x-forwarded-for': '192.0.2.1' },
        });
        logIns.push(performance.now() - startedAt);
        expect(status).toBe(200);
        for (const { statusCode } of await Promise.all(guesses)) expect([401, 429]).toContain(statusCode);
      }
      const worst = Math.round(Math.max(...logIns));
      process.stdout.write(`10,000 guesses: ${logIns.length} log-ins meanwhile, the slowest ${worst} ms\n`);
    } finally {
      await proxied.close();
    }
  }, 60_000);

  it('is again possible after a minute, and counts a network of IPv6 as one', () => {
    let now = 0;
    const throttle = new LoginThrottle(() => now);
    for (let index = 0; index < 10; index++) throttle.noteFailure(`2001:db8:1:2::${index}`);
    expect(throttle.waitSeconds('2001:db8:1:2:ffff::1')).toBe(60);
    expect(throttle.waitSeconds('2001:db8:1:3::1')).toBe(0);
    for (let index = 0; index < 10; index++) throttle.noteFailure('::ffff:192.0.2.7');
    expect(throttle.waitSeconds('192.0.2.7')).toBe(60);
    now = 60_000;
    expect(throttle.waitSeconds('2001:db8:1:2::1')).toBe(0);
    for (let index = 0; index < 50_000; index++)
      throttle.noteFailure(`10.${index >> 16}.${index >> 8}.${index & 255}`);
  });
});

describe('changes from a browser', () => {
  const pause = (headers: Record<string, string>) =>
    scene.call('POST', '/v1/queue/resume', { headers, body: {} });

  it('are taken from a page of this server', async () => {
    const cookie = await scene.logIn(secrets.operate);
    const own = { cookie, 'x-requested-with': 'tat-cancel' };
    expect((await pause({ ...own, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await pause({ ...own, origin: scene.url })).status).toBe(200);
  });

  it('are refused from anywhere else, whatever they carry', async () => {
    const cookie = await scene.logIn(secrets.operate);
    const own = { cookie, 'x-requested-with': 'tat-cancel' };
    for (const headers of [
      { ...own, 'sec-fetch-site': 'cross-site' },
      { ...own, 'sec-fetch-site': 'same-site' },
      { ...own, 'sec-fetch-site': 'cross-site', origin: scene.url },
      { ...own, origin: 'https://evil.example' },
      { ...own, origin: 'null' },
      own,
      { cookie, 'sec-fetch-site': 'same-origin' },
      { cookie, 'sec-fetch-site': 'same-origin', 'x-requested-with': 'XMLHttpRequest' },
    ] as Record<string, string>[]) {
      const answer = await pause(headers);
      expect([headers, answer.status, answer.body.code]).toEqual([headers, 403, 'CROSS_SITE']);
    }
  });

  it('cannot log somebody in from another site', async () => {
    const answer = await scene.call('POST', '/v1/session', {
      body: { token: secrets.read },
      headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    });
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([403, null]);
  });

  it('need no proof from a program that sends a token', async () => {
    const answer = await scene.call('POST', '/v1/queue/resume', { token: secrets.operate, body: {} });
    expect(answer.status).toBe(200);
  });

  it('come as JSON only, which a form on another site cannot send', async () => {
    const cookie = await scene.logIn(secrets.operate);
    const answer = await scene.call('POST', '/v1/queue/pause', {
      headers: { ...pageHeaders(cookie), 'content-type': 'text/plain' },
      body: '{}',
    });
    expect([answer.status, answer.body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });
});

describe('a name that was pointed at loopback', () => {
  /** fetch does not let one choose the Host. */
  function statusFor(host: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(`${scene.url}/livez`, { headers: { host } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      request.on('error', reject);
      request.end();
    });
  }

  it('is refused', async () => {
    expect(await statusFor('evil.example')).toBe(421);
    expect(await statusFor('127.0.0.1.evil.example:8080')).toBe(421);
    expect(await statusFor('localhost:1234')).toBe(200);
    expect(await statusFor('[::1]')).toBe(200);
  });
});

describe('without tokens', () => {
  it('everybody on this machine may operate, the log says so, and other sites still may not', async () => {
    const open = await ServerScene.start({ environment: { AUTH_TOKENS: undefined } });
    try {
      expect((await open.call('GET', '/v1/session')).body).toEqual({
        name: 'local',
        role: 'operate',
        open: true,
      });
      expect((await open.call('POST', '/v1/queue/resume', { body: {} })).status).toBe(200);
      expect(open.logLines.join('')).toContain('everybody on this machine may operate');
      const foreign = await open.call('POST', '/v1/queue/pause', {
        body: {},
        headers: { origin: 'https://evil.example' },
      });
      expect(foreign.status).toBe(403);
    } finally {
      await open.close();
    }
  });
});
