import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { CallFacts } from '../record/recorded-call.js';
import { claimedSecretId } from './authenticate.js';
import { headerOf } from './header.js';

const maxBodyBytes = 10 * 1024 * 1024;

/** A request that is in completely. */
export interface ReceivedRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** True when the body was larger than the API takes; `body` is empty then. */
  readonly isTooLarge: boolean;
  /** The body as a JSON object; undefined when it is none. */
  readonly parameters: Readonly<Record<string, unknown>> | undefined;
}

/** Reads a request to its end, keeping no more than 10 MB. Rejects when the client goes away before that. */
export async function receiveRequest(message: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  const isTooLarge = bytes > maxBodyBytes;
  const body = isTooLarge ? Buffer.alloc(0) : Buffer.concat(chunks);
  const { method = '', headers } = message;
  return { method, headers, body, isTooLarge, parameters: parseObject(body) };
}

/** What a request asks for, read as far as possible and checked for nothing. */
export function factsOf({ headers, parameters }: ReceivedRequest): CallFacts {
  const { InvocationId: invocationId, InstanceIds: instanceIds } = parameters ?? {};
  return {
    action: headerOf(headers, 'x-tc-action'),
    region: headerOf(headers, 'x-tc-region'),
    secretId: claimedSecretId(headers) ?? '',
    invocationId: typeof invocationId === 'string' ? invocationId : undefined,
    instanceIds: Array.isArray(instanceIds) ? instanceIds.map(String) : undefined,
  };
}

function parseObject(body: Buffer): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined; // the judge says so to the client
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
