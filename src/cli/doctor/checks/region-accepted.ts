import { tameText } from '../../text-format.js';
import { type Check, fault, ok, skipped } from '../check.js';

export const regionAccepted: Check = {
  name: 'region',
  needs: 'nothing',
  run: async ({ cloud, settings }) => {
    if (settings.region === undefined)
      return ok('TENCENTCLOUD_REGION is not set: every target names its own');
    const result = await cloud.callOnce();
    if (result.ok || result.failure.class === 'throttle') return ok(`${settings.region} is accepted`);
    const { code, message, perRegion } = result.failure;
    if (!perRegion && code !== 'InvalidRegion') return skipped('the cloud did not get as far as judging it');
    return fault(
      `the cloud does not accept ${settings.region} (${code}: ${tameText(message)})`,
      'Correct TENCENTCLOUD_REGION; targets that name no region go there.',
    );
  },
};
