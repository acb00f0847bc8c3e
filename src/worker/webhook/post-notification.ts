import { createHmac } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { isPublicAddress } from '../../shared/public-address.js';
import { AddressRefusedError, createGuardedLookup } from './allowed-address.js';

export interface NotificationOptions {
  readonly url: string;
  /** JSON text. */
  readonly body: string;
  /** The same for every attempt. */
  readonly deliveryId: string;
  /** Each signs the body. */
  readonly secrets: readonly string[];
  /** Whether private addresses and plain http are allowed. */
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
  /** Seconds since the epoch, part of what is signed. */
  readonly timestamp: number;
}

/** Why a notification did not arrive. */
export class NotificationError extends Error {
  override readonly name = 'NotificationError';

  constructor(
    /** For whoever asked: tells nothing of names and addresses inside. */
    message: string,
    /** For the operator's log. */
    readonly detail: string,
    /** The same attempt again would end the same way. */
    readonly isHopeless: boolean,
  ) {
    super(message);
  }
}

/** Header with `t=<seconds>,v1=<hex HMAC-SHA256 of "<seconds>.<body>">`, and another v1 for a second secret. */
export const signatureHeader = 'x-tat-cancel-signature';
export const deliveryHeader = 'x-tat-cancel-delivery';

/**
 * Posts a notification once. Follows no redirect and ignores what the answer says beyond its status.
 * @throws {NotificationError} for anything but a 2xx status within the time
 */
export async function postNotification(options: NotificationOptions): Promise<void> {
  try {
    await post(options);
  } catch (error) {
    throw asNotificationError(error, options.allowPrivate);
  }
}

async function post(options: NotificationOptions): Promise<void> {
  const url = new URL(options.url);
  if (url.protocol !== 'https:' && !options.allowPrivate) {
    const message = 'Notifications go to https:// only, unless WEBHOOK_ALLOW_PRIVATE=true.';
    throw new NotificationError(message, message, true);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // Addresses in the URL itself are never looked up, so they are judged here.
  if (isIP(host) !== 0 && !options.allowPrivate && !isPublicAddress(host))
    throw new AddressRefusedError(host);
  const status = await send(url, options);
  if (status >= 200 && status <= 299) return;
  const message = `The receiver answered with HTTP status ${status}.`;
  throw new NotificationError(message, message, false);
}

/**
 * Whoever may enqueue must not learn which names there are inside, and what listens there: a name that leads to a private
 * address, one that leads nowhere, and what became of a connection all sound alike.
 */
function asNotificationError(error: unknown, allowPrivate: boolean): NotificationError {
  if (error instanceof NotificationError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new NotificationError('The receiver did not answer in time.', detail, false);
  }
  const { code } = error as NodeJS.ErrnoException;
  const isNowhere = error instanceof AddressRefusedError || code === 'ENOTFOUND';
  if (allowPrivate) return new NotificationError(detail, detail, error instanceof AddressRefusedError);
  return new NotificationError(
    isNowhere
      ? 'The name of the receiver leads to no public address.'
      : 'The receiver cannot be reached, or its certificate is not good.',
    detail,
    isNowhere,
  );
}

function send(
  url: URL,
  { body, deliveryId, secrets, allowPrivate, timeoutMs, timestamp }: NotificationOptions,
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
          [deliveryHeader]: deliveryId,
          ...(secrets.length === 0 ? {} : { [signatureHeader]: sign(secrets, timestamp, body) }),
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

function sign(secrets: readonly string[], timestamp: number, body: string): string {
  const macs = secrets.map((secret) =>
    createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex'),
  );
  return [`t=${timestamp}`, ...macs.map((mac) => `v1=${mac}`)].join(',');
}
