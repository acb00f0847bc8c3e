import type { QueueOverview } from '../api/answers.js';
import { formatCount } from '../format/format-count.js';
import { formatDuration } from '../format/format-time.js';
import { sumOf } from './figures.js';

const priorities = [
  { name: 'urgent', label: 'Urgent' },
  { name: 'normal', label: 'Normal' },
  { name: 'low', label: 'Low' },
] as const;

/** What waits, by priority, in the order in which it is sent. */
export function WaitingTable({ overview: { waiting, pace, held, paused } }: { overview: QueueOverview }) {
  const all = sumOf(waiting, 'instances');
  const jobs = sumOf(waiting, 'jobs');
  const isMoving = pace !== null && pace > 0 && held === null && paused === false;
  return (
    <section className="panel" aria-labelledby="waiting-title">
      <h2 id="waiting-title" className="panel-title">
        Waiting for a call
      </h2>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Priority</th>
            <th scope="col" className="number">
              Jobs
            </th>
            <th scope="col" className="number">
              Instances
            </th>
            <th scope="col" className="wide-only" aria-label="Share" />
          </tr>
        </thead>
        <tbody>
          {priorities.map(({ name, label }) => (
            <tr key={name}>
              <th scope="row">{label}</th>
              <td className="number">{formatCount(waiting[name].jobs)}</td>
              <td className="number">{formatCount(waiting[name].instances)}</td>
              <td className="wide-only share-cell">
                <svg className="share" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                  <rect width={all === 0 ? 0 : (100 * waiting[name].instances) / all} height="6" />
                </svg>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted">
        {all === 0
          ? 'Nothing waits.'
          : isMoving
            ? `Sent in at most ${formatDuration(jobs / pace)} at the present pace; sooner where jobs share calls.`
            : 'Nothing is sent at present, so there is no telling when.'}
      </p>
    </section>
  );
}
