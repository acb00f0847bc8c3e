import { compareVersions, findKnownHole, versionFrom } from '../../../shared/redis-version.js';
import { type Check, fault, ok, warning } from '../check.js';

export const redisVersion: Check = {
  name: 'redis version',
  needs: 'redis',
  run: async (scene) => {
    const found = versionFrom(await scene.info());
    if (compareVersions(found.version, '6.2') < 0) {
      return fault(`${found.name} is too old`, 'Use Redis 6.2 or newer, or Valkey.');
    }
    const hole = findKnownHole(found);
    return hole === undefined ? ok(found.name) : warning(hole.what, hole.advice);
  },
};
