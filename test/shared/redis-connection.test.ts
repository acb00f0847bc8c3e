import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { describe, expect, inject, it } from 'vitest';
import { createRedisClient, parseRedisUrl, withoutPassword } from '../../src/shared/redis-connection.js';

describe('a Redis URL', () => {
  it.each([
    'redis://127.0.0.1:6379',
    'redis://redis',
    'rediss://user:secret@redis.example:6380/2',
    'redis://:secret@[::1]:6379',
  ])('may name a single server: %s', (url) => {
    expect(parseRedisUrl(url)).toEqual({ kind: 'single', url, credentials: {} });
  });

  it('may name sentinels, with the master’s name and perhaps a database', () => {
    expect(parseRedisUrl('redis+sentinel://user:p%40ss@one:26380,two,[::1]:7/mymaster/3')).toEqual({
      kind: 'sentinel',
      nodes: [
        { host: 'one', port: 26_380 },
        { host: 'two', port: 26_379 },
        { host: '::1', port: 7 },
      ],
      masterName: 'mymaster',
      db: 3,
      isEncrypted: false,
      credentials: { username: 'user', password: 'p@ss' },
    });
  });

  it('may name nodes of a cluster', () => {
    expect(parseRedisUrl('redis+cluster://:secret@one,two:7001')).toEqual({
      kind: 'cluster',
      nodes: [
        { host: 'one', port: 6_379 },
        { host: 'two', port: 7_001 },
      ],
      isEncrypted: false,
      credentials: { password: 'secret' },
    });
  });

  it('may ask for TLS in every form', () => {
    expect(parseRedisUrl('rediss+sentinel://one/mymaster')).toMatchObject({
      kind: 'sentinel',
      isEncrypted: true,
    });
    expect(parseRedisUrl('rediss+cluster://one')).toMatchObject({ kind: 'cluster', isEncrypted: true });
  });

  it('may hold a password with colons', () => {
    expect(parseRedisUrl('redis+cluster://user:a:b:c@one')).toMatchObject({
      credentials: { username: 'user', password: 'a:b:c' },
    });
  });

  it.each([
    ['', 'must look like'],
    ['127.0.0.1:6379', 'must look like'],
    ['http://127.0.0.1:6379', 'must look like'],
    ['redis://', 'must look like'],
    ['redis://host:6379/0?family=6', 'must look like'],
    ['redis://host:port', 'is not a valid URL'],
    ['redis+sentinel://one,two', 'must name the master'],
    ['redis+sentinel://one,two/mymaster/x', 'database'],
    ['redis+cluster://one:99999', 'port'],
    ['redis+cluster://one,,two', 'malformed host'],
    ['rediss+other://one', 'must look like'],
    ['redis+cluster://user:50%off@one', 'write %25 for it'],
  ])('is refused with the reason: %j', (url, reason) => {
    expect(() => parseRedisUrl(url)).toThrow(reason);
  });

  it.each(['redis://user:hunter2@', 'redis+sentinel://user:hunter2@one', 'http://user:hunter2@host'])(
    'is refused without showing its password: %s',
    (url) => {
      expect(() => parseRedisUrl(url)).toThrow(/^(?!.*hunter2)/s);
    },
  );

  it.each([
    ['redis://user:hunter2@host:6379/1', 'redis://***@host:6379/1'],
    ['redis+sentinel://:hunter2@one,two/mymaster', 'redis+sentinel://***@one,two/mymaster'],
    ['redis://user:hun/t@er2@host', 'redis://***@host'],
    ['redis://host:6379', 'redis://host:6379'],
  ])('is shown without user and password: %s', (url, shown) => {
    expect(withoutPassword(url)).toBe(shown);
  });
});

describe('a bounded connection', () => {
  it.each(['redis://127.0.0.1:1', 'redis+sentinel://127.0.0.1:1/mymaster', 'redis+cluster://127.0.0.1:1'])(
    'lets no command wait for ever for a Redis that is away: %s',
    async (url) => {
      const client = createRedisClient({ url, patience: 'bounded', commandTimeoutMs: 300 });
      client.on('error', () => {}); // the command tells
      await expect(client.get('key')).rejects.toThrow();
      client.disconnect();
    },
  );
});

describe('a connection that sends commands together', () => {
  it('gives each caller its own answer, also when a command is defined in between', async () => {
    const url = inject('redisUrl');
    const client = createRedisClient({ url, patience: 'bounded', autoPipelining: true }) as Redis;
    await client.connect();
    try {
      const answers = [
        client.echo('first'),
        client.defineCommand('laterDefined', { lua: "return 'defined'", numberOfKeys: 0 }),
        (client as unknown as { laterDefined(): Promise<string> }).laterDefined(),
        client.echo('second'),
        client.echo('third'),
      ];
      const inTime = Promise.race([Promise.all(answers), once(AbortSignal.timeout(5_000), 'abort')]);
      expect(await inTime).toEqual(['first', undefined, 'defined', 'second', 'third']);
    } finally {
      client.disconnect();
    }
  });
});
