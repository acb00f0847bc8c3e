import { parseEndpoint } from '../../../cloud/endpoint.js';
import { CallHistory } from '../../../shared/call-history.js';
import { type Check, ok, warning } from '../check.js';

const secondsLooked = 10;
/** Calls are noted in whole seconds once they are answered, so one may be counted in the second beside its own. */
const blur = 1;

export const callRate: Check = {
  name: 'call rate',
  needs: 'redis',
  run: async (scene) => {
    const { callsPerSecond, endpoint } = scene.settings;
    const seconds = await new CallHistory(scene.client, scene.prefix).read(secondsLooked);
    const most = Math.max(...seconds.map(({ calls }) => calls));
    // With regional endpoints each one has a limit of its own, and the history does not tell them apart.
    if (most > callsPerSecond + blur && !parseEndpoint(endpoint).text.includes('{region}')) {
      return warning(
        `${most} calls in one of the last ${secondsLooked} seconds, more than CALLS_PER_SECOND=${callsPerSecond}`,
        'Give all workers, and this command, the same CALLS_PER_SECOND; look at the call limiter above.',
      );
    }
    return ok(`at most ${most} calls in any of the last ${secondsLooked} seconds, of ${callsPerSecond}`);
  },
};
