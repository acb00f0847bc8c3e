import { webhookObjection } from '../../shared/public-address.js';
import type { CancelRequest } from '../../shared/schemas.js';
import type { Identity } from '../auth/identity.js';
import { HttpProblem } from '../problem.js';

const longestRequestedBy = 200;

/**
 * The body with what HTTP says beside it: the key of the Idempotency-Key header, and who asks. A body may name somebody
 * else on whose behalf that is; the name of the token goes before it. The producer checks the rest.
 */
export function requestFrom(
  body: unknown,
  keyInHeader: string | undefined,
  identity: Identity,
): CancelRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new HttpProblem('INVALID_REQUEST', 'The cancel request is not valid; nothing was enqueued.', {
      problems: [{ path: 'request', message: 'must be a JSON object' }],
    });
  }
  const fields = body as Partial<CancelRequest>;
  if (
    keyInHeader !== undefined &&
    fields.idempotencyKey !== undefined &&
    fields.idempotencyKey !== keyInHeader
  ) {
    throw new HttpProblem('INVALID_REQUEST', 'The cancel request is not valid; nothing was enqueued.', {
      problems: [{ path: 'idempotencyKey', message: 'is not the one of the Idempotency-Key header' }],
    });
  }
  const requestedBy = requesterOf(fields.requestedBy, identity);
  return {
    ...(fields as CancelRequest),
    ...(keyInHeader === undefined ? {} : { idempotencyKey: keyInHeader }),
    ...(requestedBy === undefined ? {} : { requestedBy }),
  };
}

/** @throws {HttpProblem} for a receiver that workers would refuse later, when nobody looks any more */
export function refusePrivateWebhook({ webhook }: CancelRequest): void {
  const message = typeof webhook === 'string' ? webhookObjection(webhook) : undefined;
  if (message === undefined) return;
  throw new HttpProblem('INVALID_REQUEST', 'The cancel request is not valid; nothing was enqueued.', {
    problems: [{ path: 'webhook', message }],
  });
}

function requesterOf(named: unknown, { name, via }: Identity): string | undefined {
  if (via === 'open') return named === undefined ? undefined : (named as string);
  if (named === undefined) return name;
  // Too long or no text at all: the check of the schema says so.
  if (typeof named !== 'string' || named.length > longestRequestedBy) return named as string;
  return `${name} for ${named}`.slice(0, longestRequestedBy);
}
