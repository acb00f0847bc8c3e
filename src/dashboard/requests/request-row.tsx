import type { RequestStatus } from '../api/answers.js';
import { api } from '../api/endpoints.js';
import { countOf, formatCount, formatShare } from '../format/format-count.js';
import { useNow } from '../live/use-now.js';
import { useResource } from '../live/use-resource.js';
import { Moment } from '../parts/moment.js';
import { OutcomeBar } from '../parts/outcome-bar.js';
import { isUnfinished, presentOutcomes, settledOf } from '../parts/outcomes.js';
import { StateChip } from '../parts/state-chip.js';
import { requestPath } from '../routing/route.js';
import { Link } from '../routing/router.js';
import { acceptedAtOf, isDamaged } from './damage.js';
import { DamageNotice } from './damage-notice.js';
import { describeEta } from './eta.js';

/** One request in a list: who and why, how far it is, what came of its instances. */
export function RequestRow({ request }: { request: RequestStatus }) {
  const { requestId, state, total, reason, requestedBy, label, priority } = request;
  const acceptedAt = acceptedAtOf(request);
  const settled = settledOf(request);
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
          {acceptedAt === undefined ? 'time not known' : <Moment at={acceptedAt} as="ago" />}
        </span>
      </div>
      <p className="request-row-why">
        <span>{reason ?? <span className="muted">no reason given</span>}</span>
        {requestedBy !== undefined && <span className="muted"> · by {requestedBy}</span>}
      </p>
      <DamageNotice request={request} />
      <OutcomeBar tally={request} />
      <p className="request-row-counts">
        <strong>
          {formatCount(settled)} of {countOf(total, 'instance')}
        </strong>{' '}
        ({formatShare(settled, total)})
        {presentOutcomes(request).map(({ state: outcome, label: name, count }) => (
          <span key={outcome} className={`legend outcome-${outcome}`}>
            {formatCount(count)} {name.toLowerCase()}
          </span>
        ))}
        {isUnfinished(state) && !isDamaged(request) && <RowEta requestId={requestId} />}
      </p>
    </li>
  );
}

function RowEta({ requestId }: { requestId: string }) {
  const { data } = useResource(`eta ${requestId}`, (signal) => api.request(requestId, signal), {
    everyMs: 5_000,
  });
  const now = useNow();
  if (data === undefined || !isUnfinished(data.state) || isDamaged(data)) return null;
  return <span className="eta">{describeEta(data, now, ' to go')}</span>;
}
