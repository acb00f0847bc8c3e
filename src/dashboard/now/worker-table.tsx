import type { QueueOverview } from '../api/answers.js';
import { formatCount, formatRate } from '../format/format-count.js';
import { formatDuration } from '../format/format-time.js';

/** Who makes the calls. */
export function WorkerTable({ overview: { workers, at } }: { overview: QueueOverview }) {
  const now = Date.parse(at);
  return (
    <section className="panel" aria-labelledby="workers-title">
      <h2 id="workers-title" className="panel-title">
        Workers
      </h2>
      {workers.length === 0 ? (
        <p>
          No worker is alive, so no calls are made. Start one: <code>tat-cancel worker</code>
        </p>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" className="number">
                Jobs held
              </th>
              <th scope="col" className="number">
                Pace
              </th>
              <th scope="col" className="number">
                Up for
              </th>
            </tr>
          </thead>
          <tbody>
            {workers.map(({ name, jobs, callsPerSecond, startedAt }) => (
              <tr key={name}>
                <th scope="row" className="breakable">
                  {name}
                </th>
                <td className="number">{formatCount(jobs)}</td>
                <td className="number">{formatRate(callsPerSecond)}/s</td>
                <td className="number">{formatDuration((now - startedAt) / 1_000)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
