import type { RequestProgress } from '../api/answers.js';
import { formatDuration, formatMoment } from '../format/format-time.js';
import { useNow } from '../live/use-now.js';
import { acceptedAtOf } from './damage.js';

interface Step {
  readonly label: string;
  readonly at: string | undefined;
  readonly pending: string;
}

function stepsOf(progress: RequestProgress): Step[] {
  const { firstCallAt, lastCallAt, settledAt, withdrawnAt, state } = progress;
  const isOver = settledAt !== undefined;
  return [
    { label: 'Accepted', at: acceptedAtOf(progress), pending: 'not known' },
    {
      label: 'First call',
      at: firstCallAt,
      pending: isOver ? 'none was needed' : 'waits for its turn',
    },
    {
      label: isOver || progress.counts.waiting === 0 ? 'Last call' : 'Latest call',
      at: lastCallAt,
      pending: isOver ? 'none was needed' : 'not yet',
    },
    ...(withdrawnAt === undefined ? [] : [{ label: 'Withdrawn', at: withdrawnAt, pending: '' }]),
    { label: state === 'withdrawn' ? 'All ended' : 'Settled', at: settledAt, pending: 'not yet' },
  ];
}

/** The stations of a request, each with the time since it was accepted. */
export function RequestTimeline({ progress }: { progress: RequestProgress }) {
  const now = useNow();
  const start = acceptedAtOf(progress);
  return (
    <ol className="timeline">
      {stepsOf(progress).map(({ label, at, pending }) => (
        <li key={label} className={at === undefined ? 'pending' : 'done'}>
          <span className="timeline-label">{label}</span>
          {at === undefined ? (
            <span className="muted">{pending}</span>
          ) : (
            <>
              <time dateTime={at} title={at}>
                {formatMoment(at, now)}
              </time>
              {start !== undefined && at !== start && (
                <span className="muted">
                  after {formatDuration((Date.parse(at) - Date.parse(start)) / 1_000)}
                </span>
              )}
            </>
          )}
        </li>
      ))}
    </ol>
  );
}
