import { tameText } from '../../text-format.js';
import { type Check, fault, ok } from '../check.js';

export const credentialsPresent: Check = {
  name: 'credentials',
  needs: 'nothing',
  run: async ({ cloud }) => {
    try {
      await cloud.findKey();
      return ok('a key is there');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return fault(
        tameText(reason),
        'Set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or one of the other sources of docs/settings.md.',
      );
    }
  },
};
