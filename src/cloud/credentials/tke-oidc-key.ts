import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { OIDCRoleArnCredential } from 'tencentcloud-sdk-nodejs/tencentcloud/common/credential.js';
import type { Clock } from '../../shared/clock.js';
import { parseEndpoint } from '../endpoint.js';
import { absent, failed, type KeyProvider } from './key-provider.js';
import { type FetchedKey, TemporaryKey } from './temporary-key.js';
import { readTemporaryKey } from './temporary-key-parts.js';

export const defaultStsEndpoint = 'https://sts.tencentcloudapi.com';

export interface TkeOidcKeyOptions {
  readonly clock: Clock;
  /** Holds the `TKE_*` variables that a pod with a role is started with. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stsEndpoint: string;
  readonly timeoutMs: number;
}

const variables = ['TKE_REGION', 'TKE_PROVIDER_ID', 'TKE_WEB_IDENTITY_TOKEN_FILE', 'TKE_ROLE_ARN'] as const;
type Identity = Record<(typeof variables)[number], string>;

/** The SDK's exchange of an identity token for a key, without the SDK's cache, which keeps failures for ever. */
class TokenExchange extends OIDCRoleArnCredential {
  exchange(): Promise<unknown> {
    return this.getCredentialWithStsAssumeRoleWithWebIdentity();
  }
}

/** The temporary key of the role that a Kubernetes service account (TKE) stands for. */
export function createTkeOidcKey(options: TkeOidcKeyOptions): KeyProvider {
  const { environment } = options;
  const missing = variables.filter((name) => !environment[name]);
  const identity = Object.fromEntries(variables.map((name) => [name, environment[name] ?? ''])) as Identity;
  const key = new TemporaryKey({
    clock: options.clock,
    timeoutMs: options.timeoutMs,
    fetch: () => exchangeToken(identity, options),
  });
  return {
    name: 'TKE OIDC',
    isRemote: true,
    offer: async () => {
      if (missing.length === variables.length) return absent('the TKE_* variables are not set');
      if (missing.length > 0) return failed(`${missing.join(', ')} missing`);
      try {
        return { kind: 'key', credential: await key.get() };
      } catch (error) {
        return failed(error instanceof Error ? error.message : String(error));
      }
    },
    forget: (refused) => key.forget(refused),
  };
}

async function exchangeToken(identity: Identity, options: TkeOidcKeyOptions): Promise<FetchedKey> {
  // Kubernetes replaces the token in this file about once an hour.
  const webIdentityToken = (await readFile(identity.TKE_WEB_IDENTITY_TOKEN_FILE, 'utf8')).trim();
  const { protocol, hostFor } = parseEndpoint(options.stsEndpoint);
  const clientConfig = {
    credential: { secretId: '', secretKey: '' },
    region: identity.TKE_REGION,
    profile: {
      language: 'en-US' as const,
      httpProfile: {
        protocol: `${protocol}//`,
        endpoint: hostFor(identity.TKE_REGION),
        reqTimeout: options.timeoutMs / 1_000,
        // An explicit agent also keeps the SDK from taking a proxy out of the environment.
        agent: protocol === 'https:' ? new HttpsAgent() : new HttpAgent(),
      },
    },
  };
  return readTemporaryKey(
    await new TokenExchange(clientConfig, {
      RoleArn: identity.TKE_ROLE_ARN,
      RoleSessionName: `tat-cancel-${options.clock.now()}`,
      WebIdentityToken: webIdentityToken,
      ProviderId: identity.TKE_PROVIDER_ID,
    }).exchange(),
  );
}
