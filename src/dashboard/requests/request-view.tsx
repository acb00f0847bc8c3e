import { useState } from 'react';
import type { InstanceState, RequestProgress } from '../api/answers.js';
import { ApiProblem } from '../api/api-problem.js';
import { LetterTable } from '../dead-letters/letter-table.js';
import { countOf, formatCount, formatShare } from '../format/format-count.js';
import { useRequestProgress } from '../live/use-request-progress.js';
import { Identifier } from '../parts/identifier.js';
import { OutcomeBar } from '../parts/outcome-bar.js';
import { isUnfinished, presentOutcomes, settledOf } from '../parts/outcomes.js';
import { ProblemNotice } from '../parts/problem-notice.js';
import { StateChip } from '../parts/state-chip.js';
import { useTitle } from '../parts/use-title.js';
import { pathTo } from '../routing/route.js';
import { Link } from '../routing/router.js';
import { isDamaged } from './damage.js';
import { DamageNotice } from './damage-notice.js';
import { InstanceTable } from './instance-table.js';
import { RequestFacts } from './request-facts.js';
import { RequestTimeline } from './request-timeline.js';
import { StillRunningPanel } from './still-running-panel.js';
import { WithdrawControl } from './withdraw-control.js';

/** One request, live. */
export function RequestView({ requestId }: { requestId: string }) {
  const { data, problem, connection, reload, take } = useRequestProgress(requestId);
  useTitle(data === undefined ? requestId : titleOf(data));
  if (problem instanceof ApiProblem && problem.status === 404)
    return <UnknownRequest requestId={requestId} />;
  return (
    <>
      <p className="crumb">
        <Link to="/requests">Requests</Link>
      </p>
      <div className="view-head">
        <h1 className="request-title">
          <Identifier id={requestId} what="the request id" />
        </h1>
        {data !== undefined && !isDamaged(data) && <WithdrawControl progress={data} onDone={take} />}
      </div>
      <ProblemNotice problem={problem} doing="load the request" retry={reload} />
      {connection === 'lost' && (
        <p className="notice warn" role="status">
          The live news of this request broke off. Trying again…
        </p>
      )}
      {data === undefined ? (
        problem === undefined && (
          <p className="muted" role="status">
            Loading…
          </p>
        )
      ) : (
        <RequestBody progress={data} />
      )}
    </>
  );
}

function titleOf(progress: RequestProgress): string {
  const { total, state } = progress;
  return isUnfinished(state)
    ? `${formatShare(settledOf(progress), total)} of ${countOf(total, 'instance')}`
    : `${countOf(total, 'instance')}, ${state}`;
}

function RequestBody({ progress }: { progress: RequestProgress }) {
  const [outcome, setOutcome] = useState<InstanceState>();
  const { requestId, counts, state } = progress;
  return (
    <>
      <DamageNotice request={progress} />
      <RequestSummary progress={progress} choose={setOutcome} />
      <StillRunningPanel progress={progress} />
      <div className="columns">
        <section className="panel" aria-labelledby="timeline-title">
          <h2 id="timeline-title" className="panel-title">
            Timeline
          </h2>
          <RequestTimeline progress={progress} />
        </section>
        <section className="panel" aria-labelledby="facts-title">
          <h2 id="facts-title" className="panel-title">
            Figures
          </h2>
          <RequestFacts progress={progress} />
        </section>
      </div>
      {counts['dead-lettered'] > 0 && (
        <section className="panel" aria-labelledby="letters-title">
          <div className="panel-head">
            <h2 id="letters-title" className="panel-title">
              Dead letters
            </h2>
            <Link to={pathTo('/dead-letters', { requestId })}>Redrive or discard them</Link>
          </div>
          <LetterTable filter={{ requestId }} rowsPerPage={10} turn={counts['dead-lettered']} />
        </section>
      )}
      <InstanceTable
        requestId={requestId}
        outcome={outcome}
        isLive={isUnfinished(state)}
        choose={setOutcome}
      />
    </>
  );
}

interface RequestSummaryProps {
  readonly progress: RequestProgress;
  choose(outcome: InstanceState): void;
}

function RequestSummary({ progress, choose }: RequestSummaryProps) {
  const { total, state, reason, requestedBy, label, priority } = progress;
  const settled = settledOf(progress);
  return (
    <section className="panel" aria-label="Progress">
      <p className="request-row-head">
        <StateChip state={state} />
        <span className={`chip priority-${priority}`}>{priority} priority</span>
        {label !== undefined && <span className="chip">{label}</span>}
      </p>
      <p className="request-why">
        {reason ?? <span className="muted">No reason was given.</span>}
        {requestedBy !== undefined && <span className="muted"> Asked for by {requestedBy}.</span>}
      </p>
      <OutcomeBar tally={progress} isLarge />
      <p className="request-progress" data-settled={settled}>
        <strong>
          {formatCount(settled)} of {countOf(total, 'instance')}
        </strong>{' '}
        settled ({formatShare(settled, total)})
      </p>
      <ul className="outcome-list">
        {presentOutcomes(progress).map(({ state: outcome, label: name, sentence, count }) => (
          <li key={outcome}>
            <button type="button" className="outcome-button" title={sentence} onClick={() => choose(outcome)}>
              <span className={`legend outcome-${outcome}`}>{name}</span>
              <span className="number">{formatCount(count)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function UnknownRequest({ requestId }: { requestId: string }) {
  return (
    <>
      <h1>No such request</h1>
      <p>
        No request <code>{requestId}</code> is known. Finished ones are kept for a time only.
      </p>
      <p>
        <Link to="/requests">All requests</Link>
      </p>
    </>
  );
}
