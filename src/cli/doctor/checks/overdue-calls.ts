import { redisKeys } from '../../../shared/redis-keys.js';
import { type Check, fault, ok } from '../check.js';

const overdueMs = 30_000;

export const overdueCalls: Check = {
  name: 'calls',
  needs: 'redis',
  run: async ({ client, prefix }) => {
    const overdue = await client.zcount(redisKeys(prefix).flightDeadlines, '-inf', Date.now() - overdueMs);
    if (overdue === 0) return ok('none without news');
    return fault(
      `${overdue} without news for long: their instances wait for nothing`,
      'Their worker died. A living worker gives them back within seconds: start one, or look at the logs of those that run.',
    );
  },
};
