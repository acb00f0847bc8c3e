import type { InstanceState } from '../api/answers.js';
import { api } from '../api/endpoints.js';
import { useCursorPages } from '../live/use-cursor-pages.js';
import { useResource } from '../live/use-resource.js';
import { outcomes, outcomeWords, taskStatusWords } from '../parts/outcomes.js';
import { Pager } from '../parts/pager.js';
import { ProblemNotice } from '../parts/problem-notice.js';

const rowsPerPage = 100;

interface InstanceTableProps {
  readonly requestId: string;
  readonly outcome: InstanceState | undefined;
  /** The list is still changing. */
  readonly isLive: boolean;
  choose(outcome: InstanceState | undefined): void;
}

/** What became of each instance of a request, a page at a time. */
export function InstanceTable({ requestId, outcome, isLive, choose }: InstanceTableProps) {
  const pages = useCursorPages(outcome ?? '');
  const { data, problem, isLoading, reload } = useResource(
    `${outcome ?? ''} ${pages.cursor ?? ''}`,
    (signal) =>
      api.instances(requestId, { limit: rowsPerPage, cursor: pages.cursor, state: outcome }, signal),
    { everyMs: isLive ? 3_000 : undefined },
  );
  const parsed = outcomes.find(({ state }) => state === outcome);
  return (
    <section className="panel" aria-labelledby="instances-title" aria-busy={isLoading}>
      <div className="panel-head">
        <h2 id="instances-title" className="panel-title">
          Instances
        </h2>
        <label className="inline-field">
          Outcome{' '}
          <select
            value={parsed?.state ?? ''}
            onChange={(event) => choose(outcomes.find(({ state }) => state === event.target.value)?.state)}
          >
            <option value="">all</option>
            {outcomes.map(({ state, label }) => (
              <option key={state} value={state}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </div>
      <ProblemNotice problem={problem} doing="load the instances" retry={reload} />
      <div role="status">
        {data === undefined && problem === undefined && <p className="muted">Loading…</p>}
        {data?.instances.length === 0 && (
          <p className="muted">
            {pages.number > 1 ? 'No further instances.' : 'No instance of this request has this outcome.'}
          </p>
        )}
      </div>
      {data !== undefined && data.instances.length > 0 && <InstanceRows instances={data.instances} />}
      <Pager pages={pages} nextCursor={data?.nextCursor} label="instances" />
    </section>
  );
}

type Instances = Awaited<ReturnType<typeof api.instances>>['instances'];

function InstanceRows({ instances }: { instances: Instances }) {
  return (
    <table className="table stacked">
      <thead>
        <tr>
          <th scope="col">Instance</th>
          <th scope="col">Outcome</th>
          <th scope="col">Invocation</th>
          <th scope="col">Task</th>
          <th scope="col">Cloud RequestId</th>
        </tr>
      </thead>
      <tbody>
        {instances.map((record) => (
          <tr key={`${record.region} ${record.invocationId} ${record.instanceId ?? ''}`}>
            <th scope="row">
              {record.instanceId === undefined ? 'the whole invocation' : <code>{record.instanceId}</code>}
            </th>
            <td data-label="Outcome">
              <span className={`legend outcome-${record.state}`}>{outcomeWords(record.state).label}</span>
            </td>
            <td data-label="Invocation">
              <code>{record.invocationId}</code> <span className="muted">{record.region}</span>
            </td>
            <td data-label="Task">
              {record.taskStatus === undefined ? (
                <span className="muted">not known</span>
              ) : (
                taskStatusWords(record.taskStatus)
              )}
            </td>
            <td data-label="Cloud RequestId" className="breakable">
              {record.cloudRequestId === undefined ? (
                <span className="muted">no call yet</span>
              ) : (
                <code>{record.cloudRequestId}</code>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
