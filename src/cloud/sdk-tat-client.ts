import type { AgentOptions } from 'node:https';
import { v20201028 } from 'tencentcloud-sdk-nodejs/tencentcloud/services/tat/v20201028/index.js';
import type { z } from 'zod';
import type { Failure } from '../shared/failure.js';
import { createFailure } from '../shared/failure-table.js';
import {
  emptyAnswer,
  invocationsAnswer,
  invocationTasksAnswer,
  invokerRecordsAnswer,
  invokersAnswer,
} from './answer-schemas.js';
import { type CallDeps, callApi, type RequestOptions } from './api-call.js';
import type { Credential, CredentialSource } from './credentials.js';
import { isRegion, parseEndpoint } from './endpoint.js';
import type { CallOptions, CallResult, TatClient } from './tat-client.js';
import type { TatInvokers } from './tat-invokers.js';
import { WatchedAgent } from './watched-agent.js';

export const defaultEndpoint = 'https://tat.intl.tencentcloudapi.com';

export interface SdkTatClientOptions {
  readonly credentials: CredentialSource;
  /** Deadline of a whole call in milliseconds: credentials, queueing, sending, the answer to its last byte. */
  readonly timeoutMs: number;
  /** Default `https://tat.intl.tencentcloudapi.com`; may hold `{region}`. Plain `http://` for loopback only. */
  readonly endpoint?: string;
  /** Connections per host, default 256. With fewer than calls at once, the rest waits and may time out. */
  readonly maxSockets?: number;
  /** Default 32 MiB, twice the most that is ever asked for: a hundred invocations with all tasks and contents. */
  readonly maxAnswerBytes?: number;
  /** Further options of the connections, as a private certificate authority (`ca`) or a resolver (`lookup`). */
  readonly agentOptions?: AgentOptions;
}

/**
 * The real TAT client, on Tencent Cloud's SDK. Proxies of the environment are not used. It makes exactly one request
 * a call; a key that the cloud refused is renewed for the next call.
 *
 * @throws {EndpointError} when the endpoint is not one that signed requests may be sent to
 */
export function createSdkTatClient(options: SdkTatClientOptions): TatClient {
  const endpoint = parseEndpoint(options.endpoint ?? defaultEndpoint);
  const watchedAgent = new WatchedAgent({
    protocol: endpoint.protocol,
    maxSockets: options.maxSockets ?? 256,
    maxAnswerBytes: options.maxAnswerBytes ?? 32 * 1024 * 1024,
    ...(options.agentOptions === undefined ? {} : { agentOptions: options.agentOptions }),
  });
  const deps: CallDeps = {
    credentials: options.credentials,
    watchedAgent,
    timeoutMs: options.timeoutMs,
    underWay: new Set(),
  };
  let isClosed = false;
  const connections = new Map<string, RegionConnection>();
  const connectionTo = (region: string): RegionConnection => {
    const connection = connections.get(region) ?? new RegionConnection(region, endpoint, watchedAgent.agent);
    connections.set(region, connection);
    return connection;
  };

  async function call<Value>(
    action: string,
    region: string,
    body: object,
    answer: z.ZodType<Value>,
    callOptions: CallOptions = {},
  ): Promise<CallResult<Value>> {
    if (isClosed) return refused('CallAborted', 'The client is closed.');
    if (!isRegion(region)) return refused('InvalidRegion', `"${region.slice(0, 40)}" is not a region.`);
    const connection = connectionTo(region);
    const send = (credential: Credential, requestOptions: RequestOptions) =>
      connection.send(action, body, credential, requestOptions);
    return callApi({ send, answer, signal: callOptions.signal, departure: callOptions }, deps);
  }

  return {
    cancelInvocation: async ({ region, invocationId, instanceIds }, callOptions) => {
      if (instanceIds?.length === 0) {
        return refused('EmptyInstanceList', 'An empty list of instances is never sent.');
      }
      const body = { InvocationId: invocationId, InstanceIds: instanceIds };
      return call('CancelInvocation', region, body, emptyAnswer, callOptions);
    },
    describeInvocations: ({ region, invocationIds, commandId, offset, limit }, callOptions) => {
      const filters = filtersOf({ 'command-id': one(commandId) });
      const body = { InvocationIds: invocationIds, Filters: filters, Offset: offset, Limit: limit };
      return call('DescribeInvocations', region, body, invocationsAnswer, callOptions);
    },
    describeInvocationTasks: (
      { region, invocationId, invocationIds, instanceId, commandId, offset, limit },
      callOptions,
    ) => {
      const filters = filtersOf({
        'invocation-id': invocationIds ?? one(invocationId),
        'instance-id': one(instanceId),
        'command-id': one(commandId),
      });
      const body = { Filters: filters, Offset: offset, Limit: limit, HideOutput: true };
      return call('DescribeInvocationTasks', region, body, invocationTasksAnswer, callOptions);
    },
    ...invokerMethods(call),
    close: () => {
      isClosed = true;
      for (const ending of deps.underWay) ending.giveUp();
      watchedAgent.destroy();
    },
  };
}

type Call = <Value>(
  action: string,
  region: string,
  body: object,
  answer: z.ZodType<Value>,
  options?: CallOptions,
) => Promise<CallResult<Value>>;

function invokerMethods(call: Call): TatInvokers {
  return {
    describeInvokers: ({ region, commandIds, offset, limit }, options) => {
      const body = { Filters: filtersOf({ 'command-id': commandIds }), Offset: offset, Limit: limit };
      return call('DescribeInvokers', region, body, invokersAnswer, options);
    },
    describeInvokerRecords: ({ region, invokerIds, offset, limit }, options) => {
      const body = { InvokerIds: invokerIds, Offset: offset, Limit: limit };
      return call('DescribeInvokerRecords', region, body, invokerRecordsAnswer, options);
    },
    disableInvoker: ({ region, invokerId }, options) =>
      call('DisableInvoker', region, { InvokerId: invokerId }, emptyAnswer, options),
  };
}

/** The SDK's client of one region. Its keys come from each call, so that the SDK never has to fetch one itself. */
class RegionConnection {
  readonly #client: InstanceType<typeof v20201028.Client>;
  #credential: Credential | undefined;

  constructor(region: string, endpoint: ReturnType<typeof parseEndpoint>, agent: WatchedAgent['agent']) {
    this.#client = new v20201028.Client({
      credential: { getCredential: async () => this.#signingKey() },
      region,
      profile: {
        language: 'en-US',
        httpProfile: {
          agent,
          protocol: `${endpoint.protocol}//`,
          endpoint: endpoint.hostFor(region),
          // No timers of the SDK: they cover parts of a call only, and outlive it.
          reqTimeout: 0,
          // Uncompressed, so that the limit on the size of an answer is one on the memory it takes.
          headers: { 'Accept-Encoding': 'identity' },
        },
      },
    });
  }

  send(action: string, body: object, credential: Credential, options: RequestOptions): Promise<unknown> {
    this.#credential = credential;
    return this.#client.request(action, body, options);
  }

  #signingKey(): { secretId: string; secretKey: string; token?: string } {
    if (this.#credential === undefined) throw new Error('a request without a key');
    const { secretId, secretKey, token } = this.#credential;
    return { secretId, secretKey, ...(token === undefined ? {} : { token }) };
  }
}

function one(value: string | undefined): string[] | undefined {
  return value === undefined ? undefined : [value];
}

function filtersOf(values: Readonly<Record<string, readonly string[] | undefined>>): object[] | undefined {
  const filters = Object.entries(values).flatMap(([name, allowed]) =>
    allowed === undefined ? [] : [{ Name: name, Values: allowed }],
  );
  return filters.length === 0 ? undefined : filters;
}

function refused(code: string, message: string): { ok: false; failure: Failure } {
  return { ok: false, failure: createFailure(code, message) };
}
