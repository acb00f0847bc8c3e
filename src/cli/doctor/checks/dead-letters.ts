import { countOf } from '../../text-format.js';
import { type Check, ok, warning } from '../check.js';

export const deadLetters: Check = {
  name: 'dead letters',
  needs: 'redis',
  run: async (scene) => {
    const { deadLetters: count } = await scene.overview();
    if (count === 0) return ok('none');
    return warning(
      `${countOf(count, 'dead letter')} ${count === 1 ? 'waits' : 'wait'} for somebody to deal with`,
      'Look at them, then redrive or discard: tat-cancel dead-letters list --group',
    );
  },
};
