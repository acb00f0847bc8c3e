import type { RequestStatus } from '../shared/ledger/index.js';

/**
 * A request as it is shown over HTTP. The path of a webhook is often all that keeps strangers from posting there, so only
 * its host is told.
 */
export function presentStatus<Status extends RequestStatus>(status: Status): Status {
  if (status.webhook === undefined) return status;
  const { url } = status.webhook;
  const shown = URL.canParse(url) ? `${new URL(url).origin}/…` : '…';
  return { ...status, webhook: { ...status.webhook, url: shown } };
}
