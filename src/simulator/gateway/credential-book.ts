/** A key pair that the simulated cloud knows, and what its owner may do. */
export interface SimulatedCredential {
  readonly secretId: string;
  readonly secretKey: string;
  /** For temporary keys: what X-TC-Token must say. */
  readonly token?: string;
  /** The sub-account. Keys with the same one share their call limits. */
  readonly uin?: string;
  /** What CAM refuses to this key, with UnauthorizedOperation.CamAuthFailed. */
  readonly deniedActions?: readonly string[];
  readonly deniedInvocations?: readonly string[];
  readonly deniedInstances?: readonly string[];
}

export const defaultCredential: SimulatedCredential = {
  secretId: 'AKIDSIMULATOR',
  secretKey: 'simulator-secret-key',
};

export const defaultUin = '100000000001';

/** The keys in force. All changes hold from the next call on. */
export class CredentialBook {
  readonly #bySecretId = new Map<string, SimulatedCredential>();
  readonly #disabled = new Set<string>();

  constructor(credentials: readonly SimulatedCredential[]) {
    for (const credential of credentials) this.add(credential);
  }

  /** Adds a key, or replaces the one with the same SecretId. */
  add(credential: SimulatedCredential): void {
    this.#bySecretId.set(credential.secretId, credential);
  }

  /** Changes some of a key's facts, such as its token or what is denied to it. */
  update(secretId: string, changes: Partial<Omit<SimulatedCredential, 'secretId'>>): void {
    const credential = this.#bySecretId.get(secretId);
    if (credential === undefined) throw new RangeError(`no credential ${secretId}`);
    this.add({ ...credential, ...changes });
  }

  /** From now on the cloud does not know this key. */
  disable(secretId: string): void {
    this.#disabled.add(secretId);
  }

  enable(secretId: string): void {
    this.#disabled.delete(secretId);
  }

  /** The key of that id, unless it is unknown or disabled. */
  find(secretId: string): SimulatedCredential | undefined {
    return this.#disabled.has(secretId) ? undefined : this.#bySecretId.get(secretId);
  }

  /** The first key, for clients that need any. */
  first(): SimulatedCredential {
    const [first] = this.#bySecretId.values();
    return first ?? defaultCredential;
  }
}

export function uinOf(credential: SimulatedCredential): string {
  return credential.uin ?? defaultUin;
}
