import type { ReactNode } from 'react';
import type { QueueOverview } from '../api/answers.js';
import { countOf, formatCount, formatRate } from '../format/format-count.js';
import { formatDuration } from '../format/format-time.js';
import { requestPath } from '../routing/route.js';
import { Link } from '../routing/router.js';

interface FigureProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly note?: ReactNode;
  readonly tone?: 'bad' | 'warn' | undefined;
}

function Figure({ label, value, note, tone }: FigureProps) {
  return (
    <div className={tone === undefined ? 'figure' : `figure ${tone}`}>
      <dt>{label}</dt>
      <dd>
        <span className="figure-value">{value}</span>
        <span className="figure-note">{note}</span>
      </dd>
    </div>
  );
}

/** What an operator looks at first. */
export function Figures({ overview }: { overview: QueueOverview }) {
  const { workers, refusals, deadLetters, oldestWaiting, waiting } = overview;
  const instances = sumOf(waiting, 'instances');
  const jobs = sumOf(waiting, 'jobs');
  const refused = refusals.lastMinute;
  return (
    <dl className="figures">
      <RateFigure overview={overview} />
      <Figure
        label="Instances a second"
        value={formatRate(overview.instancesPerSecond)}
        note="mean of 10 s"
      />
      <Figure
        label="Waiting"
        value={formatCount(instances)}
        note={
          instances === 0
            ? 'nothing waits for a call'
            : `${countOf(jobs, 'job')} in ${countOf(overview.unsettledRequests, 'open request')}`
        }
      />
      <Figure
        label="Oldest waiting"
        value={oldestWaiting === null ? '–' : formatDuration(oldestWaiting.ageSeconds)}
        note={
          oldestWaiting === null ? (
            'no request waits'
          ) : (
            <Link to={requestPath(oldestWaiting.requestId)} className="truncated">
              {oldestWaiting.requestId}
            </Link>
          )
        }
      />
      <Figure
        label="Workers"
        value={formatCount(workers.length)}
        note={workers.length === 0 ? 'nobody makes calls' : 'alive'}
        tone={workers.length === 0 ? 'bad' : undefined}
      />
      <Figure
        label="Refused calls"
        value={formatCount(refused)}
        note={refused === 0 ? 'none in the last minute' : 'in the last minute'}
        tone={refused > 0 ? 'warn' : undefined}
      />
      <Figure
        label="Dead letters"
        value={formatCount(deadLetters)}
        note={deadLetters === 0 ? 'nothing to decide' : <Link to="/dead-letters">decide on them</Link>}
        tone={deadLetters > 0 ? 'bad' : undefined}
      />
    </dl>
  );
}

function RateFigure({
  overview: { callsPerSecond, callsPerSecondLimit, pace, liveLimit },
}: {
  overview: QueueOverview;
}) {
  const allowed = Math.min(callsPerSecondLimit ?? 0, liveLimit?.callsPerSecond ?? Number.POSITIVE_INFINITY);
  const isLimited = callsPerSecondLimit !== null && allowed < callsPerSecondLimit;
  const isSlowed = pace !== null && pace < allowed * 0.9;
  const note =
    callsPerSecondLimit === null
      ? 'no worker tells the limit'
      : isSlowed
        ? `slowed down to ${formatRate(pace)} after refusals`
        : isLimited
          ? `limited to ${allowed} by ${liveLimit?.by ?? 'somebody'}`
          : 'mean of 10 s';
  const limit = callsPerSecondLimit === null ? '' : <small> of {formatRate(callsPerSecondLimit)}</small>;
  return (
    <Figure
      label="Calls a second"
      value={
        <>
          {formatRate(callsPerSecond)}
          {limit}
        </>
      }
      note={note}
      tone={isSlowed || isLimited ? 'warn' : undefined}
    />
  );
}

export function sumOf(waiting: QueueOverview['waiting'], what: 'jobs' | 'instances'): number {
  return waiting.urgent[what] + waiting.normal[what] + waiting.low[what];
}
