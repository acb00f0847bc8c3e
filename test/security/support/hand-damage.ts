import type { Redis } from 'ioredis';
import type { FuzzSource } from './fuzz-source.js';

/** Does to a key what a person with redis-cli might: changes, removes or replaces some of it. Returns what was done. */
export async function damageKey(redis: Redis, key: string, fuzz: FuzzSource): Promise<string> {
  const type = await redis.type(key);
  if (type === 'none') return `${key}: was gone`;
  switch (fuzz.number(type === 'hash' ? 8 : 3)) {
    case 0:
      await redis.multi().del(key).set(key, fuzz.text()).exec();
      return `${key}: a string`;
    case 1:
      await redis.multi().del(key).rpush(key, fuzz.text(), fuzz.text()).exec();
      return `${key}: a list`;
    case 2:
      await redis.del(key);
      return `${key}: removed`;
    default:
      return await damageFields(redis, key, fuzz);
  }
}

/** Changes or removes fields of a hash. */
async function damageFields(redis: Redis, key: string, fuzz: FuzzSource): Promise<string> {
  const fields = await redis.hgetall(key);
  const names = Object.keys(fields);
  const done: string[] = [];
  for (let changes = 1 + fuzz.number(3); changes > 0 && names.length > 0; changes -= 1) {
    const name = fuzz.pick(names);
    if (fuzz.number(4) === 0) {
      await redis.hdel(key, name);
      done.push(`${name} removed`);
      continue;
    }
    const value =
      fuzz.number(2) === 0
        ? fuzz.damage(Buffer.from(fields[name] ?? ''))
        : Buffer.from(fuzz.number(2) === 0 ? fuzz.text() : JSON.stringify(fuzz.value()));
    await redis.hset(key, name, value);
    done.push(`${name} = ${JSON.stringify(value.toString('latin1').slice(0, 60))}`);
  }
  return `${key}: ${done.join(', ')}`;
}
