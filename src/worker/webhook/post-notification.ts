import { createHmac } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { AddressRefusedError, createGuardedLookup, isPublicAddress } from './allowed-address.js';

export interface NotificationOptions {
  readonly url: string;
  /** JSON text. */
  readonly body: string;
  /** Signs the body, if set. */
  readonly secret: string | undefined;
  /** Whether private addresses and plain http are allowed. */
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
  /** Seconds since the epoch, part of what is signed. */
  readonly timestamp: number;
}

/** Header with `t=<seconds>,v1=<hex HMAC-SHA256 of "<seconds>.<body>">`. */
export const signatureHeader = 'x-tat-cancel-signature';

/**
 * Posts a notification once. Follows no redirect and ignores what the answer says beyond its status.
 * @throws {Error} for anything but a 2xx status within the time
 */
export async function postNotification(options: NotificationOptions): Promise<void> {
  const url = new URL(options.url);
  if (url.protocol !== 'https:' && !options.allowPrivate) {
    throw new Error('Notifications go to https:// only, unless WEBHOOK_ALLOW_PRIVATE=true.');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // Addresses in the URL itself are never looked up, so they are judged here.
  if (isIP(host) !== 0 && !options.allowPrivate && !isPublicAddress(host))
    throw new AddressRefusedError(host);
  const status = await send(url, options);
  if (status < 200 || status > 299) throw new Error(`The receiver answered with HTTP status ${status}.`);
}

function send(
  url: URL,
  { body, secret, allowPrivate, timeoutMs, timestamp }: NotificationOptions,
): Promise<number> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: 'POST',
        agent: false,
        lookup: createGuardedLookup(allowPrivate),
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'tat-cancel',
          ...(secret === undefined ? {} : { [signatureHeader]: sign(secret, timestamp, body) }),
        },
      },
      (answer) => {
        answer.destroy(); // its body may be endless and is nobody's concern
        resolve(answer.statusCode ?? 0);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function sign(secret: string, timestamp: number, body: string): string {
  return `t=${timestamp},v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
