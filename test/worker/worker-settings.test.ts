import { describe, expect, it } from 'vitest';
import { readWorkerSettings } from '../../src/worker/worker-settings.js';

const noProfile = { TENCENTCLOUD_CREDENTIALS_FILE: '/nowhere/credentials' };
const key = { TENCENTCLOUD_SECRET_ID: 'AKIDEXAMPLE', TENCENTCLOUD_SECRET_KEY: 'hunter2' };

describe('the settings of a worker', () => {
  it('are complete with a key alone', () => {
    expect(readWorkerSettings(key)).toMatchObject({
      redisUrl: 'redis://127.0.0.1:6379',
      queuePrefix: '{tat-cancel}',
      endpoint: 'https://tat.intl.tencentcloudapi.com',
      callsPerSecond: 20,
      concurrency: 500,
      attempts: 8,
      secretId: 'AKIDEXAMPLE',
    });
  });

  it('are refused with every problem in one message', () => {
    const environment = { ...noProfile, REDIS_URL: 'http://redis', TAT_CANCEL_ATEMPTS: '3' };
    expect(() => readWorkerSettings(environment)).toThrow(
      expect.objectContaining({
        code: 'SETTINGS_INVALID',
        problems: [
          expect.objectContaining({ path: 'TAT_CANCEL_ATEMPTS' }),
          expect.objectContaining({ path: 'REDIS_URL' }),
          expect.objectContaining({ path: 'TENCENTCLOUD_SECRET_ID' }),
        ],
        message: expect.stringMatching(
          /did you mean TAT_CANCEL_ATTEMPTS\?.*must look like redis:\/\/.*there is no other credential/s,
        ),
      }),
    );
  });

  it.each([
    [{ TENCENTCLOUD_SECRET_ID: 'AKIDEXAMPLE' }, 'TENCENTCLOUD_SECRET_KEY'],
    [{ TENCENTCLOUD_SECRET_KEY: 'hunter2' }, 'TENCENTCLOUD_SECRET_ID'],
  ])('miss the other half of a key: %j', (half, missing) => {
    expect(() => readWorkerSettings({ ...noProfile, ...half })).toThrow(`${missing}: is missing`);
  });

  it.each([
    ['the role of the machine', { ...noProfile, TENCENTCLOUD_CVM_ROLE: 'always' }],
    ['a profile file', { TENCENTCLOUD_CREDENTIALS_FILE: '/proc/self/status' }],
    [
      'the identity of the pod',
      { ...noProfile, TKE_PROVIDER_ID: 'p', TKE_WEB_IDENTITY_TOKEN_FILE: '/t', TKE_ROLE_ARN: 'r' },
    ],
  ])('need no key beside %s', (_source, environment) => {
    expect(readWorkerSettings(environment).secretId).toBeUndefined();
  });

  it('never show a secret in a message', () => {
    const environment = { ...key, REDIS_URL: 'redis+sentinel://user:hunter2@host', ATTEMPTS: 'x' };
    expect(() => readWorkerSettings(environment)).toThrow(/^(?!.*hunter2).*ATTEMPTS/s);
  });
});
