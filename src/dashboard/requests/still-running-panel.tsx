import { Fragment, useState } from 'react';
import type { InstanceRecord, InstanceState, RequestProgress } from '../api/answers.js';
import { describeProblem } from '../api/api-problem.js';
import { api } from '../api/endpoints.js';
import { countOf, formatCount } from '../format/format-count.js';
import { useNow } from '../live/use-now.js';
import { useResource } from '../live/use-resource.js';
import { useAnnounce } from '../parts/announcements.js';
import { Icon } from '../parts/icon.js';
import { ProblemNotice } from '../parts/problem-notice.js';
import { doubtfulOutcomes, idOf } from './still-running.js';

const idsShown = 200;
const idsPerLook = 1_000;

/** Instances that nobody has seen to stop, to go and look. Nothing while all is well. */
export function StillRunningPanel({ progress }: { progress: RequestProgress }) {
  const states = doubtfulOutcomes(progress, useNow());
  if (states.length === 0) return null;
  return (
    <section className="panel stack" aria-labelledby="still-running-title">
      <h2 id="still-running-title" className="panel-title">
        May still be running
      </h2>
      {states.map((state) => (
        <DoubtfulIds
          key={state}
          requestId={progress.requestId}
          state={state}
          count={progress.counts[state]}
        />
      ))}
    </section>
  );
}

interface DoubtfulIdsProps {
  readonly requestId: string;
  readonly state: InstanceState;
  readonly count: number;
}

function DoubtfulIds({ requestId, state, count }: DoubtfulIdsProps) {
  const { data, problem, reload } = useResource(`${count}`, (signal) =>
    api.instances(requestId, { state, limit: idsShown }, signal),
  );
  const shown = data?.instances.slice(0, idsShown) ?? [];
  return (
    <div className="stack">
      <div className="panel-head">
        <p>
          <strong>{countOf(count, 'instance')}</strong>{' '}
          {state === 'accepted' ? 'sent more than 10 s ago, and not proved to have stopped' : 'dead-lettered'}
        </p>
        <CopyIds requestId={requestId} state={state} />
      </div>
      <ProblemNotice problem={problem} doing="load the ids" retry={reload} />
      <p className="id-cloud">
        {shown.map((record) => (
          <Fragment key={`${record.invocationId} ${record.instanceId ?? ''}`}>
            <code>{idOf(record)}</code>{' '}
          </Fragment>
        ))}
        {shown.length > 0 && count > shown.length && (
          <span className="muted">and {formatCount(count - shown.length)} more</span>
        )}
      </p>
    </div>
  );
}

/** Copies all of them, one a line, however many are shown. */
function CopyIds({ requestId, state }: Omit<DoubtfulIdsProps, 'count'>) {
  const [isBusy, setBusy] = useState(false);
  const announce = useAnnounce();
  const copy = async () => {
    setBusy(true);
    try {
      const ids = (await readAll(requestId, state)).map(idOf);
      await navigator.clipboard.writeText(ids.join('\n'));
      announce(`Copied ${countOf(ids.length, 'id')}.`);
    } catch (error) {
      announce(`Could not copy: ${describeProblem(error)}`, 'bad');
    }
    setBusy(false);
  };
  return (
    <button type="button" className="button" disabled={isBusy} onClick={() => void copy()}>
      <Icon name="copy" />{' '}
      {state === 'accepted' ? 'Copy the ids without proof' : 'Copy the dead-lettered ids'}
    </button>
  );
}

async function readAll(requestId: string, outcome: InstanceState): Promise<InstanceRecord[]> {
  const { signal } = new AbortController();
  const records: InstanceRecord[] = [];
  let cursor: number | string | undefined;
  do {
    const page = await api.instances(requestId, { state: outcome, limit: idsPerLook, cursor }, signal);
    records.push(...page.instances);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return records;
}
