import { type Check, fault, ok } from '../check.js';
import { nameSome } from '../lasting.js';

const mostLooked = 1_000;
const overdueMs = 60_000;
/** BullMQ's scores hold the time in ms, times this. */
const scoreFactor = 0x1000;

export const queueDelayed: Check = {
  name: 'delayed jobs',
  needs: 'redis',
  run: async (scene) => {
    const dueBefore = (Date.now() - overdueMs) * scoreFactor;
    const key = scene.queueKey('delayed');
    const overdue = await scene.client.zrangebyscore(key, '-inf', dueBefore, 'LIMIT', 0, mostLooked);
    if (overdue.length === 0) return ok('none overdue');
    return fault(
      `${nameSome(overdue, 'delayed job')} should have been taken up over a minute ago`,
      'Is a worker running, and the queue not paused? Workers take them up by themselves.',
    );
  },
};
