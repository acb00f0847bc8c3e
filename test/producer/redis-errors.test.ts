import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { toEnqueueError } from '../../src/producer/redis-errors.js';
import { EnqueueError } from '../../src/shared/errors.js';
import { connectToTestRedis } from '../support/test-prefix.js';

const url = 'redis://user:hunter2@redis.example:6379';

describe('what Redis says', () => {
  it.each([
    "OOM command not allowed when used memory > 'maxmemory'.",
    "READONLY You can't write against a read only replica.",
    'NOAUTH Authentication required.',
    'WRONGPASS invalid username-password pair or user is disabled.',
    "NOPERM this user has no permissions to run the 'evalsha' command",
    'MISCONF Redis is configured to save RDB snapshots, but is currently unable to persist to disk.',
    'LOADING Redis is loading the dataset in memory',
  ])('is a refusal that the caller can do something about: %s', (said) => {
    const error = toEnqueueError(new Error(`${said}\nand more`), url);
    expect(error.code).toBe('REDIS_REFUSED');
    expect(error.message).toContain(said.split(' ')[0]);
    expect(error.message).not.toContain('and more');
  });

  it.each(['Connection is closed.', 'connect ECONNREFUSED 127.0.0.1:6379', 'Command timed out'])(
    'is no answer at all: %s',
    (said) => {
      expect(toEnqueueError(new Error(said), url)).toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    },
  );

  it('is passed on when it was judged before', () => {
    const judged = new EnqueueError('CLOSED', 'closed');
    expect(toEnqueueError(judged, url)).toBe(judged);
  });

  it('never shows the password', () => {
    for (const said of ['Connection is closed.', 'OOM no']) {
      const { message } = toEnqueueError(new Error(said), url);
      expect(message).toContain('redis.example');
      expect(message).not.toContain('hunter2');
    }
  });

  it('does not bring along what the failed command carried, such as the password of a login', async () => {
    const redis = connectToTestRedis();
    const said = await redis.call('AUTH', 'nobody', 'hunter2').catch((reason: unknown) => reason);
    redis.disconnect();
    expect(inspect(said, { depth: null })).toContain('hunter2');
    const error = toEnqueueError(said, url);
    expect(error.cause).toMatchObject({ name: 'ReplyError', message: expect.stringContaining('WRONGPASS') });
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('hunter2');
  });
});
