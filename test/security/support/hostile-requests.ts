import fc from 'fast-check';
import type { FuzzRequest } from '../../support/openapi-fuzz.js';
import { deepJson } from './fuzz-source.js';

/** A request as bytes: what a client with bad intentions can send, and no library would. */
export interface HostileRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

type Twist = (request: FuzzRequest) => HostileRequest;

const json = { 'content-type': 'application/json' };

function plain({ path, headers, body }: FuzzRequest): HostileRequest {
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body) ?? '');
  return { path, headers: { ...headers, ...json }, body: bytes };
}

function withBody(make: (text: string) => Buffer | string, headers: Record<string, string> = json): Twist {
  return (request) => {
    const bytes = make(JSON.stringify(request.body ?? {}) ?? '{}');
    return { path: request.path, headers: { ...request.headers, ...headers }, body: Buffer.from(bytes) };
  };
}

function withQuery(query: string): Twist {
  return (request) => {
    const sent = plain(request);
    return { ...sent, path: `${sent.path}${sent.path.includes('?') ? '&' : '?'}${query}` };
  };
}

const wide = (entry: string, count: number) => `[${`${entry},`.repeat(count)}${entry}]`;

/** Puts something else where the first value is. */
const firstValue = (text: string, other: string) =>
  text.replace(/:(?:"[^"]*"|[\d.]+|true|false|null)/, `:${other}`);

const twists: readonly Twist[] = [
  plain,
  plain,
  withBody(() => deepJson(20_000)),
  withBody((text) => `{"a":${text.slice(0, 200)}`),
  withBody(() => `{"targets":${wide('{}', 2_000)},"ids":${wide('"x"', 2_000)},"filter":${wide('1', 2_000)}}`),
  withBody((text) => firstValue(text, wide('{}', 5_000))),
  withBody((text) => firstValue(text, `"${'x'.repeat(30_000)}"`)),
  withBody((text) => firstValue(text, `"${'\\u0000\\ud800'.repeat(2_000)}"`)),
  withBody((text) => firstValue(text, '1e999')),
  withBody((text) => firstValue(text, '9'.repeat(30_000))),
  withBody((text) => firstValue(text, '{"__proto__":{"a":1}}')),
  withBody((text) => firstValue(text, '{"toString":1,"valueOf":null,"length":-1}')),
  withBody((text) => `{${Array.from({ length: 3_000 }, (_, index) => `"f${index}":1`).join()},"x":${text}}`),
  withBody((text) => Buffer.from(text, 'utf16le')),
  withBody((text) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)])),
  withBody((text) => Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 0xc0, 0x80])])),
  withBody((text) => text, { 'content-type': 'text/plain' }),
  withBody((text) => text, { 'content-type': 'application/json; charset=utf-16' }),
  withBody((text) => text, { 'content-type': `application/${'x'.repeat(2_000)}` }),
  withBody((text) => text, { ...json, 'content-encoding': 'gzip' }),
  withBody(() => ''),
  withBody(() => ' '.repeat(60_000)),
  withBody(() => 'x'.repeat(70_000)),
  withQuery('dryRun=true&dryRun=false'),
  withQuery('limit=0x10&cursor=%00&state=__proto__'),
  withQuery(`search=${'%F0%9F%A7%A8'.repeat(300)}`),
  withQuery('__proto__[a]=1&constructor=1'),
  withQuery(`${'a=1&'.repeat(1_500)}a=1`),
  withQuery('%=%&=&%zz=%E0%A4%A'),
  (request) => ({ ...plain(request), headers: { 'idempotency-key': 'k'.repeat(5_000), ...json } }),
  (request) => ({ ...plain(request), headers: { 'x-request-id': '\\"<x>'.repeat(300), ...json } }),
  (request) => ({ ...plain(request), headers: { 'last-event-id': '9'.repeat(3_000), ...json } }),
  (request) => ({ ...plain(request), path: request.path.replace(/[^/?]+$/, 'x'.repeat(5_000)) }),
  (request) => ({ ...plain(request), path: request.path.replace(/[^/?]+$/, '%00%0d%0a%2e%2e%2f') }),
];

/** A request that nearly fits the description, with one twist. */
export function twisted(requests: fc.Arbitrary<FuzzRequest>): fc.Arbitrary<HostileRequest> {
  return fc.tuple(requests, fc.constantFrom(...twists)).map(([request, twist]) => twist(request));
}
