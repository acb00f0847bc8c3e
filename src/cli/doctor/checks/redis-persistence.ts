import { Cluster } from 'ioredis';
import type { RedisClient } from '../../../shared/redis-connection.js';
import { type Check, fault, ok, warning } from '../check.js';

export const redisPersistence: Check = {
  name: 'redis persistence',
  needs: 'redis',
  run: async (scene) => {
    const info = await scene.info();
    if (info.get('aof_enabled') === '1') return await judgeLog(info, scene.client);
    if (info.get('aof_enabled') === undefined) {
      return warning(
        'Redis does not tell whether it persists',
        'Make sure that it keeps an append-only file.',
      );
    }
    const save = await readConfig(scene.client, 'save');
    const advice = 'Set appendonly yes and appendfsync always.';
    return save === ''
      ? fault('Redis persists nothing: every request is lost when it restarts', advice)
      : warning(
          'Redis keeps snapshots only: what was accepted since the last one is lost in a crash',
          advice,
        );
  },
};

async function judgeLog(info: ReadonlyMap<string, string>, client: RedisClient) {
  if (info.get('aof_last_write_status') === 'err') {
    return fault('Redis could not write its append-only file', 'Look at its disk: is it full?');
  }
  const policy = await readConfig(client, 'appendfsync');
  if (policy === undefined)
    return ok('append-only file; Redis does not tell appendfsync, which should be always');
  if (policy === 'always') return ok('append-only file, written through before each answer');
  return warning(
    `appendfsync is ${policy}: requests of the last moments are lost when its machine crashes`,
    'Set appendfsync always.',
  );
}

/** Undefined where asking is not allowed, as with many managed services. */
async function readConfig(client: RedisClient, name: string): Promise<string | undefined> {
  const [node] = client instanceof Cluster ? client.nodes('master') : [client];
  try {
    return ((await node?.config('GET', name)) as string[] | undefined)?.[1];
  } catch {
    return undefined;
  }
}
