import {
  type Credential,
  type CredentialSource,
  CredentialsUnavailableError,
  type TriedSource,
} from '../credentials.js';
import { redactSecrets } from '../redact-secrets.js';
import type { KeyProvider } from './key-provider.js';

/**
 * Asks the providers in their order and uses the first that has a key. Local ones are asked every time, so that a
 * key put in place later takes over; a remote one that came to nothing is not asked again while a later one serves.
 * Two things end the search, lest the process quietly become somebody else: a provider that is set up but broken,
 * and a provider that served before and now has nothing (a file being replaced, a role just unbound).
 */
export class CredentialChain implements CredentialSource {
  #serving: KeyProvider | undefined;

  constructor(private readonly providers: readonly KeyProvider[]) {}

  async get(signal?: AbortSignal): Promise<Credential> {
    const tried: TriedSource[] = [];
    const servingAt = this.#serving === undefined ? -1 : this.providers.indexOf(this.#serving);
    for (const [position, provider] of this.providers.entries()) {
      signal?.throwIfAborted();
      if (provider.isRemote && position < servingAt) continue;
      const offer = await provider.offer();
      if (offer.kind === 'key') {
        this.#serving = provider;
        return offer.credential;
      }
      tried.push({ source: provider.name, reason: redactSecrets(offer.reason) });
      if (offer.kind === 'failed' || provider === this.#serving) break;
    }
    throw new CredentialsUnavailableError(tried);
  }

  invalidate(refused?: Credential): void {
    for (const provider of this.providers) provider.forget?.(refused);
  }
}
