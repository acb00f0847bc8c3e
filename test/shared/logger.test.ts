import { describe, expect, it } from 'vitest';
import { CapturedLog } from '../support/captured-log.js';
import { connectToTestRedis } from '../support/test-prefix.js';

const secret = 'hunter2-never-log-this';

describe('a log line', () => {
  it.each([
    'secretId',
    'secretKey',
    'sessionToken',
    'token',
    'password',
    'authorization',
    'SecretId',
    'SecretKey',
    'Authorization',
    'CommandContent',
  ])('hides the field %s, also one level down', (field) => {
    const log = new CapturedLog();
    log.logger.info({ [field]: secret, settings: { [field]: secret } }, 'started');
    expect(log.text).not.toContain(secret);
    expect(log.lines[0]).toMatchObject({ [field]: '[redacted]', settings: { [field]: '[redacted]' } });
  });

  it('does not show what a failed Redis command carried', async () => {
    const redis = connectToTestRedis();
    const log = new CapturedLog();
    const error = await redis.call('SET', 'key', secret, 'NONSENSE').catch((reason: unknown) => reason);
    redis.disconnect();
    expect(JSON.stringify(error)).toContain(secret);
    log.logger.error({ err: error }, 'failed');
    expect(log.text).not.toContain(secret);
    expect(log.lines[0]).toMatchObject({ err: { type: 'ReplyError', message: 'ERR syntax error' } });
  });

  it('hides user and password of a Redis URL in an error, its stack and its cause', () => {
    const log = new CapturedLog();
    const cause = new Error(`no way to redis+sentinel://user:${secret}@one,two/mymaster`);
    log.logger.error({ err: new Error(`no redis://user:${secret}@host:6379`, { cause }) }, 'failed');
    log.logger.error({ err: new Error(`no rediss://user:p@${secret}@host:6379`) }, 'failed');
    expect(log.text).not.toContain(secret);
    expect(log.lines[0]).toMatchObject({
      err: { message: 'no redis://***@host:6379', cause: 'no way to redis+sentinel://***@one,two/mymaster' },
    });
  });

  it('keeps the code of an error, and tells what was thrown that is none', () => {
    const log = new CapturedLog();
    log.logger.error({ err: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }, 'failed');
    log.logger.error({ err: 'just text' }, 'failed');
    expect(log.lines).toMatchObject([
      { err: { message: 'refused', code: 'ECONNREFUSED' } },
      { err: { message: 'just text' } },
    ]);
  });
});
