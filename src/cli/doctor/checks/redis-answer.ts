import { withoutPassword } from '../../../shared/redis-connection.js';
import { type Check, fault, ok } from '../check.js';

/** Everything else about Redis is skipped when this one finds a fault. */
export const redisAnswer: Check = {
  name: 'redis',
  needs: 'nothing',
  run: async (scene) => {
    const place = withoutPassword(scene.settings.redisUrl);
    try {
      await scene.client.ping();
      return ok(`${place} answers`);
    } catch (error) {
      const reason = scene.connectionError ?? error;
      const said = reason instanceof Error ? reason.message.split('\n')[0] : String(reason);
      return fault(`${place} does not answer (${said})`, 'Check that Redis runs, and REDIS_URL.');
    }
  },
};
