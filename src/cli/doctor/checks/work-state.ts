import { findObstacles } from '../../overview/obstacles.js';
import { countOf } from '../../text-format.js';
import { type Check, fault, ok, warning } from '../check.js';

/** Held, blocked in part, paused, slowed down, or nobody there to do the work. */
export const workState: Check = {
  name: 'work',
  needs: 'redis',
  run: async (scene) => {
    const overview = await scene.overview();
    const obstacles = findObstacles(overview);
    if (obstacles.length === 0)
      return ok(`${countOf(overview.workers.length, 'worker')} alive, nothing stands in the way`);
    const what = obstacles.map((obstacle) => obstacle.what).join(' ');
    const advice = obstacles.map((obstacle) => obstacle.advice).join(' ');
    const isFault = obstacles.some(
      ({ kind }) =>
        kind === 'held' || kind === 'blocked' || (kind === 'no-worker' && overview.unsettledRequests > 0),
    );
    return isFault ? fault(what, advice) : warning(what, advice);
  },
};
