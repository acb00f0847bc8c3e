import { type Clock, systemClock } from '../../shared/clock.js';
import type { CredentialSource } from '../credentials.js';
import { CredentialChain } from './credential-chain.js';
import { createCvmRoleKey, defaultMetadataUrl } from './cvm-role-key.js';
import { createEnvironmentKey, type EnvironmentKeySettings } from './environment-key.js';
import type { KeyProvider } from './key-provider.js';
import { createProfileKey, defaultProfileFiles } from './profile-key.js';
import { createTkeOidcKey, defaultStsEndpoint } from './tke-oidc-key.js';

export interface CredentialSettings extends EnvironmentKeySettings {
  /** Named: this file and no other. Else `~/.tencentcloud/credentials`, then `/etc/tencentcloud/credentials`. */
  readonly profileFile?: string | undefined;
  /** The role of the virtual machine: `auto` (default) takes it if there is one, `always` wants it, `never` skips it. */
  readonly cvmRole?: 'auto' | 'always' | 'never' | undefined;
  /** Where the `TKE_*` variables are looked up; default the environment of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  readonly stsEndpoint?: string | undefined;
  readonly metadataUrl?: string | undefined;
}

/** Outside the cloud nobody answers, and the first call should not wait long to learn it. */
const metadataTimeoutMs = 2_000;
const stsTimeoutMs = 5_000;

/** Keys from the settings, else a profile file, else the role of the machine, else that of the pod. Does no I/O yet. */
export function createCredentialSource(
  settings: CredentialSettings,
  clock: Clock = systemClock,
): CredentialSource {
  const { profileFile, cvmRole = 'auto' } = settings;
  const providers: KeyProvider[] = [
    createEnvironmentKey(settings),
    profileFile === undefined
      ? createProfileKey(defaultProfileFiles())
      : createProfileKey([profileFile], true),
  ];
  if (cvmRole !== 'never') {
    providers.push(
      createCvmRoleKey({
        clock,
        metadataUrl: settings.metadataUrl ?? defaultMetadataUrl,
        isRequired: cvmRole === 'always',
        timeoutMs: metadataTimeoutMs,
      }),
    );
  }
  providers.push(
    createTkeOidcKey({
      clock,
      environment: settings.environment ?? process.env,
      stsEndpoint: settings.stsEndpoint ?? defaultStsEndpoint,
      timeoutMs: stsTimeoutMs,
    }),
  );
  return new CredentialChain(providers);
}
