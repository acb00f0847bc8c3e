import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { CredentialSource } from '../../cloud/credentials.js';
import { parseEndpoint } from '../../cloud/endpoint.js';
import type { CallResult } from '../../cloud/tat-client.js';
import type { DoctorSettings } from './doctor-settings.js';

const answerLimitMs = 4_000;

/** Calls need some region even where none is set. */
const anyRegion = 'ap-singapore';

/** The first sign of life of the endpoint. */
export interface Greeting {
  /** The cloud's clock less this machine's, in ms, to half a second; undefined if it does not tell. */
  readonly clockOffsetMs: number | undefined;
}

/** Looks at the cloud on behalf of several checks, each thing once. Nothing is sent before it is asked for. */
export class CloudProbe {
  readonly region: string;
  #greeting: Promise<Greeting> | undefined;
  #key: Promise<void> | undefined;
  #readCall: Promise<CallResult<unknown>> | undefined;

  constructor(private readonly settings: DoctorSettings) {
    this.region = settings.region ?? anyRegion;
  }

  /** Asks without a key, which makes no API call. Rejects when nobody answers. */
  greet(): Promise<Greeting> {
    const { protocol, hostFor } = parseEndpoint(this.settings.endpoint);
    this.#greeting ??= greet(`${protocol}//${hostFor(this.region)}`);
    return this.#greeting;
  }

  /** Rejects with the reasons when no source gives a key. */
  findKey(): Promise<void> {
    this.#key ??= this.#credentials().then(async (source) => {
      await source.get(AbortSignal.timeout(answerLimitMs));
    });
    return this.#key;
  }

  /** One signed call that reads, of one invocation. */
  callOnce(): Promise<CallResult<unknown>> {
    this.#readCall ??= this.#call();
    return this.#readCall;
  }

  async #call(): Promise<CallResult<unknown>> {
    // Loaded here: the cloud's SDK would make every other command slow to start.
    const { createSdkTatClient } = await import('../../cloud/sdk-tat-client.js');
    const client = createSdkTatClient({
      endpoint: this.settings.endpoint,
      timeoutMs: answerLimitMs,
      credentials: await this.#credentials(),
    });
    try {
      return await client.describeInvocations({ region: this.region, limit: 1 });
    } finally {
      client.close();
    }
  }

  async #credentials(): Promise<CredentialSource> {
    const { createCredentialSource } = await import('../../cloud/credentials/credential-source.js');
    return createCredentialSource({ ...this.settings, profileFile: this.settings.credentialsFile });
  }
}

function greet(endpoint: string): Promise<Greeting> {
  const request = endpoint.startsWith('https:') ? requestHttps : requestHttp;
  const sentAt = Date.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(endpoint, { method: 'HEAD', agent: false, timeout: answerLimitMs }, (answer) => {
      answer.resume();
      const told = Date.parse(answer.headers.date ?? '');
      // A Date header tells whole seconds, cut off: on average half of one is missing.
      const offset = told + 500 - (sentAt + Date.now()) / 2;
      resolve({ clockOffsetMs: Number.isNaN(told) ? undefined : offset });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${answerLimitMs / 1_000} s`)));
    outgoing.on('error', reject);
    outgoing.end();
  });
}
