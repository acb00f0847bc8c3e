import { absent, failed, type KeyProvider, type Offer, offerKey } from './key-provider.js';

export interface EnvironmentKeySettings {
  readonly secretId?: string | undefined;
  readonly secretKey?: string | undefined;
  readonly sessionToken?: string | undefined;
}

/** The key that the settings name outright. */
export function createEnvironmentKey(settings: EnvironmentKeySettings): KeyProvider {
  const offer = offerOf(settings);
  return { name: 'environment', isRemote: false, offer: async () => offer };
}

function offerOf({ secretId = '', secretKey = '', sessionToken }: EnvironmentKeySettings): Offer {
  if (secretId === '' && secretKey === '')
    return absent('TENCENTCLOUD_SECRET_ID and _SECRET_KEY are not set');
  if (secretId === '') return failed('TENCENTCLOUD_SECRET_KEY is set, but TENCENTCLOUD_SECRET_ID is not');
  if (secretKey === '') return failed('TENCENTCLOUD_SECRET_ID is set, but TENCENTCLOUD_SECRET_KEY is not');
  return offerKey({ secretId, secretKey, token: sessionToken });
}
