import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CancelProducer } from '../../src/producer/index.js';
import { RedisUnfitError } from '../../src/shared/errors.js';
import { checkRedis } from '../../src/shared/redis-preflight.js';
import { PrivateRedis, type PrivateRedisOptions } from '../support/private-redis.js';

let server: PrivateRedis | undefined;
let client: Redis;

async function start(options: PrivateRedisOptions): Promise<Redis> {
  server = await PrivateRedis.start(options);
  client = new Redis(server.url);
  return client;
}

afterEach(async () => {
  client.disconnect();
  await server?.stop();
  server = undefined;
});

describe('a look at how Redis is set up', () => {
  it('finds nothing to complain of in a Redis that keeps everything', async () => {
    const { version, warnings } = await checkRedis(await start({ appendOnly: true }));
    expect(version).toMatch(/^\d+\.\d+/);
    expect(warnings).toEqual([]);
  });

  it('warns of one that is known to have a hole, and refuses it not: distributions mend in silence', async () => {
    client = new Redis({ lazyConnect: true });
    vi.spyOn(client, 'eval').mockResolvedValue(1);
    vi.spyOn(client, 'info').mockResolvedValue(
      'redis_version:7.4.5\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n',
    );
    const { warnings, knownHole } = await checkRedis(client);
    expect(knownHole).toMatch(/^Redis 7\.4\.5 is open to CVE-2025-49844.*7\.4\.6/);
    expect(warnings).toEqual([]); // these are told to whoever asks whether the server is ready
  });

  it('refuses one that evicts keys, and says what to set', async () => {
    await start({ directives: [['maxmemory-policy', 'allkeys-lru']] });
    const checked = checkRedis(client);
    await expect(checked).rejects.toBeInstanceOf(RedisUnfitError);
    await expect(checked).rejects.toThrow(/allkeys-lru.*Set maxmemory-policy noeviction/);
    await expect(CancelProducer.connect({ redisUrl: server?.url ?? '' })).rejects.toMatchObject({
      code: 'REDIS_UNFIT',
    });
  });

  it('warns of one without an append-only file', async () => {
    const { warnings } = await checkRedis(await start({ appendOnly: false }));
    expect(warnings[0]).toContain('Set appendonly yes');
  });

  it.each([
    ['a wrong password', 'limited', 'wrong', 'WRONGPASS'],
    ['no right to INFO', 'limited', 'secret', 'NOPERM'],
    ['no right to run scripts', 'unscripted', 'secret', 'NOPERM'],
  ])('refuses one that refuses us: %s', async (_what, username, password, code) => {
    const admin = await start({});
    await admin.call('ACL', 'SETUSER', 'limited', 'on', '>secret', '~*', '&*', '+@all', '-info');
    await admin.call('ACL', 'SETUSER', 'unscripted', 'on', '>secret', '~*', '&*', '+@all', '-@scripting');
    const { port = 0 } = admin.options;
    const limited = new Redis(port, '127.0.0.1', { username, password });
    limited.on('error', () => {}); // what is asked for tells
    await expect(checkRedis(limited)).rejects.toThrow(
      new RegExp(`^Redis refuses this user: ${code}.*Check user and password`),
    );
    limited.disconnect();
  });

  it('refuses one that is too old', async () => {
    client = new Redis({ lazyConnect: true });
    vi.spyOn(client, 'eval').mockResolvedValue(1);
    vi.spyOn(client, 'info').mockResolvedValue('redis_version:6.0.16\r\nmaxmemory_policy:noeviction\r\n');
    await expect(checkRedis(client)).rejects.toThrow('Redis 6.0.16 is too old: version 6.2 or newer');
  });

  it('asks to make sure of what Redis does not tell', async () => {
    client = new Redis({ lazyConnect: true });
    vi.spyOn(client, 'eval').mockResolvedValue(1);
    vi.spyOn(client, 'info').mockResolvedValue('redis_version:8.0.0\r\n');
    const { warnings } = await checkRedis(client);
    expect(warnings.join(' ')).toMatch(/make sure that it is noeviction.*make sure that appendonly is yes/);
  });
});
