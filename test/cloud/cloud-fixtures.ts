import { Credential, type CredentialSource } from '../../src/cloud/credentials.js';
import { createSdkTatClient, type SdkTatClientOptions } from '../../src/cloud/sdk-tat-client.js';
import type { CallResult, TatClient } from '../../src/cloud/tat-client.js';
import type { Failure } from '../../src/shared/failure.js';

export const testKey = new Credential({
  secretId: 'AKIDtestkey0123456789',
  secretKey: 'verysecretkey0123456789',
});

export const region = 'ap-singapore';
export const cancelOne = { region, invocationId: 'inv-ib2lld37', instanceIds: ['ins-zcewfho0'] };

/** Gives always the same key and counts how often it was told to renew it. */
export class FixedCredentials implements CredentialSource {
  readonly invalidated: (Credential | undefined)[] = [];

  constructor(private readonly credential: Credential = testKey) {}

  async get(): Promise<Credential> {
    return this.credential;
  }

  invalidate(refused?: Credential): void {
    this.invalidated.push(refused);
  }
}

/** A client with a deadline that no healthy call comes near, so that a busy machine fails no test. */
export function createTestClient(endpoint: string, options: Partial<SdkTatClientOptions> = {}): TatClient {
  return createSdkTatClient({ endpoint, credentials: new FixedCredentials(), timeoutMs: 5_000, ...options });
}

/** The failure of a call that must have failed. */
export function failureOf(result: CallResult<unknown>): Failure {
  if (result.ok) throw new Error(`the call succeeded: ${JSON.stringify(result)}`);
  return result.failure;
}

/** The value of a call that must have succeeded. */
export function successOf<Value>(result: CallResult<Value>): Value {
  if (!result.ok) throw new Error(`the call failed: ${JSON.stringify(result.failure)}`);
  return result.value;
}
