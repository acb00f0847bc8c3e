import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The parts of a request that TC3-HMAC-SHA256 covers. */
export interface SignedParts {
  readonly secretKey: string;
  /** Seconds since the epoch, as the X-TC-Timestamp header says. */
  readonly timestamp: number;
  /** The service label of the credential scope. */
  readonly service: string;
  /** The signed headers in the order of signing: lower-case name, value. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | string;
}

/** The signature of a POST to `/` without a query: 64 hexadecimal digits. */
export function tc3Signature({ secretKey, timestamp, service, headers, body }: SignedParts): string {
  const date = utcDate(timestamp);
  const canonicalHeaders = headers.map(([name, value]) => `${name}:${value}\n`).join('');
  const signedHeaders = headers.map(([name]) => name).join(';');
  const canonicalRequest = ['POST', '/', '', canonicalHeaders, signedHeaders, sha256(body)].join('\n');
  const scope = `${date}/${service}/tc3_request`;
  const stringToSign = ['TC3-HMAC-SHA256', timestamp, scope, sha256(canonicalRequest)].join('\n');
  const dateKey = hmac(`TC3${secretKey}`, date);
  const serviceKey = hmac(dateKey, service);
  const signingKey = hmac(serviceKey, 'tc3_request');
  return hmac(signingKey, stringToSign).toString('hex');
}

/** The UTC day that a timestamp in seconds falls on, as `2026-01-31`. */
export function utcDate(timestamp: number): string {
  return new Date(timestamp * 1000).toISOString().slice(0, 10);
}

/** Compares two signatures without telling by the time it takes. */
export function isSameSignature(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

function hmac(key: string | Buffer, message: string): Buffer {
  return createHmac('sha256', key).update(message).digest();
}

function sha256(message: Buffer | string): string {
  return createHash('sha256').update(message).digest('hex');
}
