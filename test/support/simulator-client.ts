import { randomUUID } from 'node:crypto';
import type { Agent } from 'node:http';
import { v20201028 } from 'tencentcloud-sdk-nodejs/tencentcloud/services/tat/v20201028/index.js';
import { tc3Signature } from '../../src/simulator/gateway/tc3-signature.js';
import type { Simulator } from '../../src/simulator/index.js';

export type SdkClient = InstanceType<typeof v20201028.Client>;

export interface SdkClientOptions {
  readonly region?: string;
  readonly secretKey?: string;
  readonly token?: string;
  readonly timeoutSeconds?: number;
  readonly endpoint?: string;
  readonly agent?: Agent;
}

/** The cloud's own client, pointed at a simulator. */
export function sdkClient(simulator: Simulator, options: SdkClientOptions = {}): SdkClient {
  const credential = { ...simulator.credentials.first(), ...options };
  return new v20201028.Client({
    credential: {
      secretId: credential.secretId,
      secretKey: credential.secretKey,
      ...(credential.token === undefined ? {} : { token: credential.token }),
    },
    region: options.region ?? 'ap-singapore',
    profile: {
      language: 'en-US',
      httpProfile: {
        endpoint: options.endpoint ?? simulator.endpoint,
        protocol: 'http://',
        reqTimeout: options.timeoutSeconds ?? 10,
        ...(options.agent === undefined ? {} : { agent: options.agent }),
      },
    },
  });
}

export interface RawCall {
  readonly action?: string;
  /** Sent as JSON, unless it is text already. */
  readonly body?: unknown;
  readonly method?: string;
  readonly secretId?: string;
  readonly secretKey?: string;
  readonly token?: string;
  readonly timestamp?: number;
  readonly service?: string;
  /** Overrides; null leaves a header out. They are not signed anew. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly signal?: AbortSignal;
}

/** A call made by hand, for what the cloud's own client would never send. */
export async function rawCall(simulator: Simulator, call: RawCall): Promise<Response> {
  const { action = 'CancelInvocation', method = 'POST', service = 'tat' } = call;
  const { secretId, secretKey } = { ...simulator.credentials.first(), ...call };
  const timestamp = call.timestamp ?? Math.floor(Date.now() / 1000);
  const body = typeof call.body === 'string' ? call.body : JSON.stringify(call.body ?? {});
  const host = simulator.endpoint.replace(/:\d+$/, '');
  const signature = tc3Signature({
    secretKey,
    timestamp,
    service,
    headers: [
      ['content-type', 'application/json'],
      ['host', host],
    ],
    body,
  });
  const date = new Date(timestamp * 1000).toISOString().slice(0, 10);
  const headers: Record<string, string | null> = {
    'Content-Type': 'application/json',
    Authorization: `TC3-HMAC-SHA256 Credential=${secretId}/${date}/${service}/tc3_request, SignedHeaders=content-type;host, Signature=${signature}`,
    'X-TC-Action': action,
    'X-TC-Version': '2020-10-28',
    'X-TC-Region': 'ap-singapore',
    'X-TC-Timestamp': String(timestamp),
    'X-TC-TraceId': randomUUID(),
    'X-TC-Token': call.token ?? null,
    ...call.headers,
  };
  const sent = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null);
  return fetch(simulator.url, {
    method,
    headers: sent,
    ...(method === 'GET' ? {} : { body }),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
}

export interface ApiError {
  readonly Code: string;
  readonly Message: string;
}

/** The error that a call made by hand is answered with; undefined for a success. */
export async function refusalOf(simulator: Simulator, call: RawCall): Promise<ApiError | undefined> {
  const response = await rawCall(simulator, call);
  const answer = (await response.json()) as { Response: { Error?: ApiError } };
  return answer.Response.Error;
}
