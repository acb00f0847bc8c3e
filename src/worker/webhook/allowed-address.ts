import { lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from '../../shared/public-address.js';

/** The name of a host leads to an address that notifications must not be sent to. */
export class AddressRefusedError extends Error {
  readonly code = 'ADDRESS_REFUSED';
  override readonly name = 'AddressRefusedError';

  constructor(host: string) {
    super(
      `${host} leads to a private address, which notifications are not sent to. Set WEBHOOK_ALLOW_PRIVATE=true if that is meant.`,
    );
  }
}

/**
 * A resolver for connections that lets public addresses through and nothing else. The check is made on the very
 * address that is then connected to, so a name that changes its mind between check and use gains nothing.
 */
export function createGuardedLookup(allowPrivate: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '');
        return;
      }
      const allowed = addresses.filter(({ address }) => allowPrivate || isPublicAddress(address));
      const [first] = allowed;
      if (first === undefined) callback(new AddressRefusedError(hostname), '');
      else if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
