import { api } from '../api/endpoints.js';
import { useResource } from '../live/use-resource.js';
import { ProblemNotice } from '../parts/problem-notice.js';
import { RequestRow } from '../requests/request-row.js';
import { Link } from '../routing/router.js';

const shown = 5;

export function LatestRequests() {
  const { data, problem, reload } = useResource(
    'latest',
    (signal) => api.requests({ limit: shown }, signal),
    { everyMs: 2_000 },
  );
  return (
    <section className="panel" aria-labelledby="latest-title">
      <div className="panel-head">
        <h2 id="latest-title" className="panel-title">
          Latest requests
        </h2>
        <Link to="/requests">All requests</Link>
      </div>
      <ProblemNotice problem={problem} doing="load the latest requests" retry={reload} />
      {data?.requests.length === 0 && <p className="muted">Nobody has asked for anything yet.</p>}
      <ul className="request-list">
        {data?.requests.map((request) => (
          <RequestRow key={request.requestId} request={request} />
        ))}
      </ul>
    </section>
  );
}
