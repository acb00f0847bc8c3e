import { tameText } from '../../text-format.js';
import { type Check, fault, ok } from '../check.js';

/** HEAD asks for no key, so nothing but the way to the cloud is tried. */
export const endpointReachable: Check = {
  name: 'endpoint',
  needs: 'nothing',
  run: async ({ cloud, settings }) => {
    try {
      await cloud.greet();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      const reason = error instanceof Error ? error.message || code : String(error);
      return fault(
        `${settings.endpoint} cannot be reached (${tameText(String(reason))})`,
        'Check TAT_ENDPOINT, name resolution, firewall and certificates of this machine.',
      );
    }
    const result = await cloud.findKey().then(
      () => cloud.callOnce(),
      () => undefined, // without a key there is no call to try
    );
    const isForeign = result !== undefined && !result.ok && result.failure.cloudRequestId === undefined;
    if (!isForeign) return ok(`${settings.endpoint} answers`);
    const { code, message } = result.failure;
    return fault(
      `${settings.endpoint} answers, but not as the cloud API does (${code}: ${tameText(message)})`,
      'Check TAT_ENDPOINT, and proxies on the way.',
    );
  },
};
