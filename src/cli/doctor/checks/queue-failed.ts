import { type Check, fault, ok } from '../check.js';
import { findLasting, nameSome } from '../lasting.js';

const mostLooked = 1_000;

export const queueFailed: Check = {
  name: 'failed jobs',
  needs: 'redis',
  run: async (scene) => {
    const look = () => scene.client.zrange(scene.queueKey('failed'), '0', String(mostLooked - 1));
    const failed = await findLasting(look);
    if (failed.length === 0) return ok('none: failures are in the dead-letter queue only');
    return fault(
      `${nameSome(failed, 'job')} failed in the queue and not in the dead letters`,
      'A worker turns them into dead letters within seconds: start one, or look at the logs of those that run.',
    );
  },
};
