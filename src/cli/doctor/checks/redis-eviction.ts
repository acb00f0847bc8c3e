import { type Check, fault, ok, warning } from '../check.js';

export const redisEviction: Check = {
  name: 'redis eviction',
  needs: 'redis',
  run: async (scene) => {
    const policy = (await scene.info()).get('maxmemory_policy');
    if (policy === 'noeviction') return ok('noeviction: nothing is thrown away when memory runs out');
    const advice = 'Set maxmemory-policy noeviction.';
    if (policy === undefined) return warning('Redis does not tell its maxmemory-policy', advice);
    return fault(
      `maxmemory-policy is ${policy}: requests vanish when memory runs out`,
      `${advice} Workers refuse to start.`,
    );
  },
};
