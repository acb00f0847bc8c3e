import type { QueueOverview } from '../api/answers.js';
import { formatCount } from '../format/format-count.js';

const titles: Readonly<Record<string, string>> = {
  'tat-cancel': 'Cancel jobs',
  'tat-cancel-dead-letter': 'Dead letters',
  'tat-cancel-webhook': 'Notifications',
};

const states = ['waiting', 'prioritized', 'active', 'delayed', 'failed', 'completed'] as const;

/** The queues as BullMQ counts them, for those who look under the bonnet. */
export function QueueDetails({ queues }: { queues: QueueOverview['queues'] }) {
  return (
    <details className="panel">
      <summary>Queues in detail</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by key */}
      <section className="scroll-x" tabIndex={0} aria-label="Jobs by queue and state">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Queue</th>
              {states.map((state) => (
                <th key={state} scope="col" className="number">
                  {state}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {queues.map((queue) => (
              <tr key={queue.name}>
                <th scope="row">{titles[queue.name] ?? queue.name}</th>
                {states.map((state) => (
                  <td key={state} className="number">
                    {formatCount(queue[state])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className="muted">
        Finished jobs are kept for a short time only. <a href="/queues">Single jobs</a>
      </p>
    </details>
  );
}
