import type { Redis } from 'ioredis';

/** Everything that Redis holds under a prefix, names and values, as one text to search in. */
export async function dumpKeysOf(redis: Redis, prefix: string): Promise<string> {
  const parts: string[] = [];
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) {
    for (const key of keys as string[]) parts.push(key, await dump(redis, key));
  }
  return parts.join('\n');
}

async function dump(redis: Redis, key: string): Promise<string> {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return (await redis.get(key)) ?? '';
    case 'hash':
      return JSON.stringify(await redis.hgetall(key));
    case 'list':
      return JSON.stringify(await redis.lrange(key, 0, -1));
    case 'set':
      return JSON.stringify(await redis.smembers(key));
    case 'zset':
      return JSON.stringify(await redis.zrange(key, '0', '-1'));
    case 'stream':
      return JSON.stringify(await redis.xrange(key, '-', '+'));
    default:
      return ''; // gone meanwhile
  }
}
