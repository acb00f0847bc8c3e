import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readServerSettings } from '../../src/server/server-settings.js';
import { SettingsError } from '../../src/shared/errors.js';

function problemsOf(environment: Record<string, string>) {
  try {
    readServerSettings(environment);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

const secret = 'secret-7d1f9ac2e6b4';

describe('settings of the server', () => {
  it('run open on loopback', () => {
    for (const HOST of ['127.0.0.1', '127.1.2.3', 'localhost', '::1'])
      expect(problemsOf({ HOST })).toEqual([]);
  });

  it('refuse any other address without tokens', () => {
    for (const HOST of ['0.0.0.0', '::', '10.0.0.1', 'server.example', '127.evil.example']) {
      expect(problemsOf({ HOST })).toEqual([
        {
          path: 'AUTH_TOKENS',
          message: expect.stringContaining(`with HOST=${HOST} others could stop commands`),
        },
      ]);
    }
    expect(problemsOf({ HOST: '0.0.0.0', AUTH_TOKENS: `ann:operate:${secret}` })).toEqual([]);
  });

  it('name every token that cannot be used, and no secret', () => {
    const problems = problemsOf({
      HOST: '0.0.0.0',
      AUTH_TOKENS: `ann,bob:admin:${secret},carl:read:short,dora:read:sha256:beef,eve:read:${secret},eve:operate:other-${secret},fred:read:${secret}`,
    });
    expect(problems.map(({ message }) => message)).toEqual([
      'entry 1 does not look like name:role:secret',
      'entry 2 (bob) has a role that is none of read, enqueue, operate',
      expect.stringContaining('entry 3 (carl) has a secret of fewer than 16 characters'),
      expect.stringContaining('entry 4 (dora) has a secret'),
      'the name eve is there twice',
      'entry 7 (fred) has the secret of another entry',
    ]);
    expect(JSON.stringify(problems)).not.toContain(secret);
  });

  it.each([
    'passwordpassword',
    'Password12345678',
    'changemechangeme',
    'aaaaaaaaaaaaaaaa',
    '0123456789abcdef',
    'abcabcabcabcabcabc',
    'operator-secret-0123456789',
    'ann-ann-ann-ann-token',
    'qwertyuiopasdfghjkl',
    '1111222233334444',
  ])('refuse the weak secret %s, without repeating it', (weak) => {
    const problems = problemsOf({ AUTH_TOKENS: `ann:operate:${weak}` });
    expect(problems).toEqual([
      {
        path: 'AUTH_TOKENS',
        message: expect.stringMatching(/^entry 1 \(ann\) has a secret that .*openssl rand/),
      },
    ]);
    expect(JSON.stringify(problems)).not.toContain(weak);
  });

  it('take every random secret', () => {
    for (let round = 0; round < 3_000; round += 1) {
      for (const random of [
        randomBytes(24).toString('hex'),
        randomBytes(12).toString('base64url'),
        randomUUID(),
      ]) {
        expect([random, problemsOf({ AUTH_TOKENS: `ann:operate:${random}` })]).toEqual([random, []]);
      }
    }
  });

  it('take a hash in place of a secret', () => {
    const hash = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b'; // of "secret"
    const { authTokens } = readServerSettings({ AUTH_TOKENS: `ann:operate:sha256:${hash}` });
    expect(authTokens?.[0]?.sha256.toString('hex')).toBe(hash);
  });

  it('take no proxy that is no address', () => {
    expect(problemsOf({ TRUST_PROXY: '10.0.0.0/8, ::1,127.0.0.1' })).toEqual([]);
    expect(problemsOf({ TRUST_PROXY: '10.0.0.0/8,everybody,999.1.1.1' })).toMatchObject([
      { path: 'TRUST_PROXY', message: expect.stringContaining('"everybody" is none') },
      { path: 'TRUST_PROXY', message: expect.stringContaining('"999.1.1.1" is none') },
    ]);
  });

  it('trust no proxy that is everybody', () => {
    for (const TRUST_PROXY of ['0.0.0.0/0', '::/0', '10.0.0.1,0.0.0.0/00']) {
      expect(problemsOf({ TRUST_PROXY })).toMatchObject([
        { path: 'TRUST_PROXY', message: expect.stringContaining('is everybody') },
      ]);
    }
  });

  it('tell everything that is wrong at once', () => {
    const paths = problemsOf({
      PORT: '99999',
      SESSION_SECRET: 'short',
      PUBLIC_URL: 'ftp://x',
      HOST: '0.0.0.0',
    }).map(({ path }) => path);
    expect(paths.sort()).toEqual(['AUTH_TOKENS', 'PORT', 'PUBLIC_URL', 'SESSION_SECRET']);
  });
});
