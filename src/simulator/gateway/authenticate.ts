import type { IncomingHttpHeaders } from 'node:http';
import { type Refusal, refusals } from '../refusal.js';
import type { CredentialBook, SimulatedCredential } from './credential-book.js';
import { headerOf } from './header.js';
import { isSameSignature, tc3Signature, utcDate } from './tc3-signature.js';

const maxSkewSeconds = 300;
const authorizationPattern =
  /^TC3-HMAC-SHA256 Credential=([^/\s]+)\/(\d{4}-\d{2}-\d{2})\/([^/\s]+)\/tc3_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

export interface SignedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Authorization {
  readonly secretId: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/**
 * Whose call it is, or why it is nobody's. Checks in this order: timestamp there, Authorization well-formed, service,
 * scope date, clock, SecretId, token, signature.
 */
export function authenticate(
  request: SignedRequest,
  credentials: CredentialBook,
  nowMs: number,
): SimulatedCredential | Refusal {
  const { headers } = request;
  const timestamp = Number(headerOf(headers, 'x-tc-timestamp'));
  if (!headers['x-tc-timestamp']) return refusals.missingParameter('Timestamp');
  if (!Number.isSafeInteger(timestamp) || timestamp <= 0 || timestamp > 8e12) {
    return refusals.invalidValue('Timestamp', headerOf(headers, 'x-tc-timestamp'));
  }
  const authorization = readAuthorization(headers, timestamp);
  if ('code' in authorization) return authorization;
  const serverSeconds = Math.floor(nowMs / 1000);
  if (Math.abs(serverSeconds - timestamp) > maxSkewSeconds) return refusals.expiredSignature(serverSeconds);
  const credential = credentials.find(authorization.secretId);
  if (credential === undefined) return refusals.unknownSecretId();
  if (headerOf(headers, 'x-tc-token') !== (credential.token ?? '')) return refusals.wrongToken();
  if (!isSignedWith(credential, request, authorization, timestamp)) return refusals.wrongSignature();
  return credential;
}

/** The SecretId that a request claims, believed or not. */
export function claimedSecretId(headers: IncomingHttpHeaders): string | undefined {
  return authorizationPattern.exec(headers.authorization ?? '')?.[1];
}

function readAuthorization(headers: IncomingHttpHeaders, timestamp: number): Authorization | Refusal {
  const match = authorizationPattern.exec(headers.authorization ?? '');
  if (match === null) return refusals.invalidAuthorization('`Authorization` not valid');
  const [, secretId = '', date = '', service = '', signedHeaders = '', signature = ''] = match;
  const names = signedHeaders.split(';');
  if (!names.includes('content-type') || !names.includes('host')) {
    return refusals.invalidAuthorization('`SignedHeaders` not valid');
  }
  if (namesService(hostname(headers)) && service !== 'tat') {
    return refusals.invalidAuthorization('`Service` in Credential not valid');
  }
  if (date !== utcDate(timestamp)) return refusals.invalidAuthorization('`Date` in Credential not valid');
  return { secretId, service, signedHeaders: names, signature };
}

/**
 * A host such as tat.example.com tells clients which service it is. From an address or any other name the cloud's own
 * library derives labels like `127` or `localhost:4010`, and this gateway lets them pass, which the real one would not.
 */
function namesService(host: string): boolean {
  return host.startsWith('tat.');
}

/** Header values count as they came, or in lower case, as the cloud's rules have it; ports are not signed. */
function isSignedWith(
  credential: SimulatedCredential,
  { headers, body }: SignedRequest,
  { service, signedHeaders, signature }: Authorization,
  timestamp: number,
): boolean {
  const { secretKey } = credential;
  const asTheyCame = signedHeaders.map(
    (name) => [name, name === 'host' ? hostname(headers) : headerOf(headers, name).trim()] as const,
  );
  const lowerCase = asTheyCame.map(([name, value]) => [name, value.toLowerCase()] as const);
  return [asTheyCame, lowerCase].some((signed) =>
    isSameSignature(signature, tc3Signature({ secretKey, timestamp, service, headers: signed, body })),
  );
}

function hostname(headers: IncomingHttpHeaders): string {
  return (headers.host ?? '').replace(/:\d+$/, '');
}
