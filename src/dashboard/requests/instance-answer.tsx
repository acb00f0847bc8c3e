import { api } from '../api/endpoints.js';
import { useResource } from '../live/use-resource.js';
import { outcomeWords, taskStatusWords } from '../parts/outcomes.js';
import { ProblemNotice } from '../parts/problem-notice.js';
import { requestPath } from '../routing/route.js';
import { Link } from '../routing/router.js';

/** What became of one instance, over all requests that asked for it. */
export function InstanceAnswer({ instanceId }: { instanceId: string }) {
  const { data, problem, isLoading, reload } = useResource(
    `instance ${instanceId}`,
    (signal) => api.findInstance(instanceId, signal),
    { everyMs: 3_000 },
  );
  return (
    <section className="panel" aria-labelledby="instance-title" aria-busy={isLoading}>
      <h2 id="instance-title" className="panel-title">
        What became of <code>{instanceId}</code>
      </h2>
      <ProblemNotice problem={problem} doing="look the instance up" retry={reload} />
      <div role="status">
        {data === undefined && problem === undefined && <p className="muted">Looking…</p>}
        {data?.instances.length === 0 && (
          <p>No request that is still kept asked for this instance by its id.</p>
        )}
      </div>
      <ul className="answer-list">
        {data?.instances.map((record) => {
          const words = outcomeWords(record.state);
          return (
            <li key={`${record.requestId} ${record.invocationId}`}>
              <p>
                <strong className={`legend outcome-${record.state}`}>{words.label}.</strong> {words.sentence}
              </p>
              <p className="muted">
                Invocation <code>{record.invocationId}</code> in {record.region}, asked for by{' '}
                <Link to={requestPath(record.requestId)}>{record.requestId}</Link>
                {record.taskStatus !== undefined && <>; its task {taskStatusWords(record.taskStatus)}</>}
                {record.cloudRequestId !== undefined && (
                  <>
                    ; the cloud’s RequestId is <code>{record.cloudRequestId}</code>
                  </>
                )}
                .
              </p>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
