import { instanceIdPattern } from '../../shared/id-patterns.js';
import type { RequestState } from '../api/answers.js';
import { api } from '../api/endpoints.js';
import { useCursorPages } from '../live/use-cursor-pages.js';
import { useResource } from '../live/use-resource.js';
import { Pager } from '../parts/pager.js';
import { ProblemNotice } from '../parts/problem-notice.js';
import { useTitle } from '../parts/use-title.js';
import { Link, useRouter } from '../routing/router.js';
import { InstanceAnswer } from './instance-answer.js';
import { parseState, RequestFilter } from './request-filter.js';
import { RequestRow } from './request-row.js';

const rowsPerPage = 20;

/** Who asked for what, the newest first. */
export function RequestsView() {
  const { query, setQuery } = useRouter();
  const search = query.get('search') ?? '';
  const state = parseState(query.get('state'));
  useTitle('Requests');
  return (
    <>
      <div className="view-head">
        <h1>Requests</h1>
        <Link to="/new" className="button primary">
          New request
        </Link>
      </div>
      <RequestFilter state={state} search={search} onChange={setQuery} />
      {instanceIdPattern.pattern.test(search) ? (
        <InstanceAnswer key={search} instanceId={search} />
      ) : (
        <RequestList state={state} search={search} />
      )}
    </>
  );
}

function RequestList({ state, search }: { state: RequestState | undefined; search: string }) {
  const filter = `${state ?? ''} ${search}`;
  const pages = useCursorPages(filter);
  const { data, problem, isLoading, reload } = useResource(
    `${filter} ${pages.cursor ?? ''}`,
    (signal) =>
      api.requests(
        { limit: rowsPerPage, cursor: pages.cursor, state, search: search === '' ? undefined : search },
        signal,
      ),
    { everyMs: 2_000 },
  );
  const isFiltered = state !== undefined || search !== '';
  return (
    <section className="panel" aria-label="Requests" aria-busy={isLoading}>
      <ProblemNotice problem={problem} doing="load the requests" retry={reload} />
      <div role="status">
        {data === undefined && problem === undefined && <p className="muted">Loading…</p>}
        {data?.requests.length === 0 && (
          <p className="muted">
            {pages.number > 1
              ? 'No older requests.'
              : isFiltered
                ? 'No request fits. Finished ones are kept for a time only.'
                : 'Nobody has asked for anything yet.'}
          </p>
        )}
      </div>
      <ul className="request-list">
        {data?.requests.map((request) => (
          <RequestRow key={request.requestId} request={request} />
        ))}
      </ul>
      <Pager pages={pages} nextCursor={data?.nextCursor} label="requests" newer="Newer" older="Older" />
    </section>
  );
}
