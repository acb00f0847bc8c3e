import { timingSafeEqual } from 'node:crypto';
import { type AccessToken, hashSecret } from '../../shared/settings/index.js';

/** The tokens that open the door. */
export class TokenBook {
  constructor(private readonly tokens: readonly AccessToken[]) {}

  /**
   * The token with this secret. Takes as long for a wrong one as for a right one: hashes are compared, in constant
   * time, and all of them.
   */
  find(secret: string): AccessToken | undefined {
    const sha256 = hashSecret(secret);
    let found: AccessToken | undefined;
    for (const token of this.tokens) {
      if (timingSafeEqual(token.sha256, sha256)) found = token;
    }
    return found;
  }

  /** The token of that name, if it still is the one that a session began with. */
  named(name: string, fingerprint: string): AccessToken | undefined {
    return this.tokens.find((token) => token.name === name && fingerprintOf(token) === fingerprint);
  }
}

/** Tells tokens of the same name apart without giving anything of the secret away. */
export function fingerprintOf(token: AccessToken): string {
  return hashSecret(`session ${token.sha256.toString('hex')}`)
    .toString('hex')
    .slice(0, 16);
}
