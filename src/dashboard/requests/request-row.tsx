import type { RequestProgress, RequestStatus } from '../api/answers.js';
import { api } from '../api/endpoints.js';
import { countOf, formatCount, formatShare } from '../format/format-count.js';
import { formatDuration } from '../format/format-time.js';
import { useResource } from '../live/use-resource.js';
import { Moment } from '../parts/moment.js';
import { OutcomeBar } from '../parts/outcome-bar.js';
import { isUnfinished, outcomes, settledOf } from '../parts/outcomes.js';
import { StateChip } from '../parts/state-chip.js';
import { requestPath } from '../routing/route.js';
import { Link } from '../routing/router.js';

/** One request in a list: who and why, how far it is, what came of its instances. */
export function RequestRow({ request }: { request: RequestStatus }) {
  const { requestId, state, counts, total, reason, requestedBy, label, priority } = request;
  return (
    <li className="request-row">
      <div className="request-row-head">
        <Link to={requestPath(requestId)} className="request-id">
          {requestId}
        </Link>
        <StateChip state={state} />
        {priority !== 'normal' && <span className={`chip priority-${priority}`}>{priority}</span>}
        {label !== undefined && <span className="chip">{label}</span>}
        <span className="request-row-when muted">
          <Moment at={request.acceptedAt} as="ago" />
        </span>
      </div>
      <p className="request-row-why">
        <span>{reason ?? <span className="muted">no reason given</span>}</span>
        {requestedBy !== undefined && <span className="muted"> · by {requestedBy}</span>}
      </p>
      <OutcomeBar counts={counts} total={total} />
      <p className="request-row-counts">
        <strong>
          {formatCount(settledOf(counts, total))} of {countOf(total, 'instance')}
        </strong>{' '}
        ({formatShare(settledOf(counts, total), total)})
        {outcomes
          .filter(({ state: outcome }) => counts[outcome] > 0)
          .map(({ state: outcome, label: name }) => (
            <span key={outcome} className={`legend outcome-${outcome}`}>
              {formatCount(counts[outcome])} {name.toLowerCase()}
            </span>
          ))}
        {isUnfinished(state) && <RowEta requestId={requestId} />}
      </p>
    </li>
  );
}

function RowEta({ requestId }: { requestId: string }) {
  const { data } = useResource(`eta ${requestId}`, (signal) => api.request(requestId, signal), {
    everyMs: 5_000,
  });
  if (data === undefined || !isUnfinished(data.state)) return null;
  return <span className="eta">{describeEta(data, ' to go')}</span>;
}

/** How long it will take, or what it waits for. */
export function describeEta({ etaSeconds, held, paused }: RequestProgress, suffix = ''): string {
  if (held !== null) return 'held';
  if (paused) return 'paused';
  if (etaSeconds === null) return 'no worker';
  return `about ${formatDuration(etaSeconds)}${suffix}`;
}
