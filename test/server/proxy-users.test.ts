import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readServerSettings } from '../../src/server/server-settings.js';
import { SettingsError } from '../../src/shared/errors.js';
import { Nginx, nginxPath } from '../support/nginx.js';
import { ServerScene, secrets } from '../support/server-scene.js';

const users = {
  TRUSTED_USER_HEADER: 'X-Forwarded-User',
  TRUSTED_GROUPS_HEADER: 'X-Forwarded-Groups',
  TRUSTED_GROUPS: 'sre:operate,rollout team:enqueue,*:read',
};

let scene: ServerScene;
beforeAll(async () => {
  scene = await ServerScene.start({ environment: { ...users, TRUST_PROXY: '127.0.0.1' } });
});
afterAll(() => scene.close());

const own = { 'sec-fetch-site': 'same-origin', 'x-requested-with': 'tat-cancel' };
const as = (user: string, groups = '') => ({ 'x-forwarded-user': user, 'x-forwarded-groups': groups });
const whoAmI = (headers: Record<string, string>, of = scene) => of.call('GET', '/v1/session', { headers });

describe('a user whom a trusted proxy names', () => {
  it.each([
    ['', 'read'],
    ['guests', 'read'],
    ['rollout team', 'enqueue'],
    ['guests, sre,rollout team', 'operate'],
    ['SRE', 'read'],
  ])('has the highest role of the groups %j: %s', async (groups, role) => {
    expect((await whoAmI(as('ann.li@example.com', groups))).body).toEqual({
      name: 'ann.li@example.com',
      role,
      open: false,
    });
  });

  it('is named in the audit and in what is asked for', async () => {
    const body = { targets: [{ invocationId: 'inv-00000001' }] };
    const headers = { ...as('ann.li', 'rollout team'), ...own };
    const { body: enqueued } = await scene.call('POST', '/v1/cancel-requests', { headers, body });
    const status = await scene.call('GET', `/v1/cancel-requests/${enqueued.requestId}`, {
      token: secrets.read,
    });
    expect(status.body.requestedBy).toBe('ann.li');
    const audit = await scene.call('GET', '/v1/audit?by=ann.li', { token: secrets.operate });
    expect(audit.body.entries).toMatchObject([
      { action: 'enqueue', by: 'ann.li', role: 'enqueue', via: 'proxy' },
    ]);
  });

  it('changes things from pages of this server only, as with a session', async () => {
    const change = (headers: Record<string, string>) =>
      scene.call('POST', '/v1/queue/resume', { headers: { ...as('ann', 'sre'), ...headers }, body: {} });
    expect((await change(own)).status).toBe(200);
    for (const headers of [{}, { 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }]) {
      const answer = await change(headers as Record<string, string>);
      expect([answer.status, answer.body.code]).toEqual([403, 'CROSS_SITE']);
    }
  });

  it('is refused when the name may be made up, or gives no role', async () => {
    for (const name of ['ann, root', 'ann;', '../x', 'a'.repeat(200), 'ann li']) {
      expect([name, (await whoAmI(as(name))).status]).toEqual([name, 401]);
    }
    const strict = await ServerScene.start({
      environment: { ...users, TRUSTED_GROUPS: 'sre:operate', TRUST_PROXY: '127.0.0.1' },
    });
    try {
      expect((await whoAmI(as('ann', 'guests'), strict)).status).toBe(403);
      expect((await whoAmI(as('ann', 'sre'), strict)).status).toBe(200);
    } finally {
      await strict.close();
    }
  });

  it('is refused when a header came twice: one of them is the caller’s own', async () => {
    for (const twice of ['X-Forwarded-User', 'X-Forwarded-Groups']) {
      const status = await new Promise((resolve) => {
        const { port } = new URL(scene.url);
        const headers = [
          'Host',
          'localhost',
          'X-Forwarded-User',
          'ann',
          'X-Forwarded-Groups',
          'guests',
          twice,
          'sre',
        ];
        request({ port, host: '127.0.0.1', path: '/v1/session', headers } as never, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        }).end();
      });
      expect([twice, status]).toEqual([twice, 401]);
    }
  });

  it('stands back behind a bearer token', async () => {
    const headers = { ...as('ann', 'sre'), authorization: `Bearer ${secrets.read}` };
    expect((await whoAmI(headers)).body).toMatchObject({ name: 'reader', role: 'read' });
  });
});

describe('the headers of a proxy', () => {
  it('count for nothing on a connection from anywhere else', async () => {
    const elsewhere = await ServerScene.start({ environment: { ...users, TRUST_PROXY: '10.0.0.0/8,::2' } });
    try {
      expect((await whoAmI(as('ann', 'sre'), elsewhere)).status).toBe(401);
      const forwarded = { ...as('ann', 'sre'), 'x-forwarded-for': '10.0.0.1' };
      expect((await whoAmI(forwarded, elsewhere)).status).toBe(401);
    } finally {
      await elsewhere.close();
    }
  });

  it('need all of their settings, and then no tokens', () => {
    const problemsOf = (environment: Record<string, string>) => {
      try {
        readServerSettings(environment);
        return [];
      } catch (error) {
        if (error instanceof SettingsError) return error.problems.map(({ path }) => path);
        throw error;
      }
    };
    const all = { ...users, TRUST_PROXY: '10.0.0.1', HOST: '0.0.0.0' };
    expect(problemsOf(all)).toEqual([]);
    for (const path of ['TRUST_PROXY', 'TRUSTED_USER_HEADER', 'TRUSTED_GROUPS'] as const) {
      const { [path]: _left, ...rest } = all;
      expect(problemsOf(rest)).toContain(path);
    }
    expect(problemsOf({ ...all, TRUSTED_GROUPS: 'sre:king' })).toContain('TRUSTED_GROUPS');
    expect(problemsOf({ ...all, TRUSTED_USER_HEADER: 'Authorization' })).toContain('TRUSTED_USER_HEADER');
  });

  it('make a server without tokens no open one', async () => {
    const closed = await ServerScene.start({
      environment: { ...users, TRUST_PROXY: '127.0.0.1', AUTH_TOKENS: undefined },
    });
    try {
      expect((await closed.call('GET', '/v1/overview')).status).toBe(401);
      expect((await whoAmI(as('ann'), closed)).status).toBe(200);
    } finally {
      await closed.close();
    }
  });
});

describe.runIf(nginxPath !== undefined)('nginx in front, configured as the documentation says', () => {
  it('logs people in, and lets nobody make up a name or a group', async () => {
    const docs = readFileSync('docs/http-api.md', 'utf8');
    const location = /```nginx\nlocation \/ \{\n([\s\S]*?)\n\}\n```/.exec(docs)?.[1] ?? '';
    expect(location).toContain('proxy_set_header X-Forwarded-User');
    const nginx = await Nginx.start(scene.url, {
      users: ['ann'],
      location: location.replace(/\s*proxy_pass [^;]*;/, ''),
    });
    const get = async (headers: Record<string, string>) => {
      const answer = await fetch(`${nginx.url}/v1/session`, { headers });
      return [answer.status, answer.status === 200 ? await answer.json() : undefined];
    };
    try {
      const basic = `Basic ${btoa('ann:password')}`;
      const ann = { name: 'ann', role: 'read', open: false };
      expect(await get({ authorization: basic })).toEqual([200, ann]);
      expect(await get({ authorization: basic, ...as('root', 'sre') })).toEqual([200, ann]);
      expect(await get(as('root', 'sre'))).toEqual([401, undefined]);
      expect(await get({ authorization: `Basic ${btoa('ann:wrong')}` })).toEqual([401, undefined]);
    } finally {
      await nginx.stop();
    }
  });
});
