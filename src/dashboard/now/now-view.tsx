import { useOverview } from '../live/overview-provider.js';
import { useTitle } from '../parts/use-title.js';
import { Figures } from './figures.js';
import { LatestRequests } from './latest-requests.js';
import { LimitControl } from './limit-control.js';
import { PauseControl } from './pause-control.js';
import { Plots } from './plots.js';
import { QueueDetails } from './queue-details.js';
import { WaitingTable } from './waiting-table.js';
import { WorkerTable } from './worker-table.js';

/** How the whole installation stands at this moment. */
export function NowView() {
  const { overview } = useOverview();
  useTitle('Now');
  return (
    <>
      <div className="view-head">
        <h1>Now</h1>
        {overview !== undefined && (
          <div className="actions">
            <LimitControl overview={overview} />
            <PauseControl paused={overview.paused} />
          </div>
        )}
      </div>
      {overview === undefined ? (
        <p className="muted" role="status">
          Loading…
        </p>
      ) : (
        <>
          <Figures overview={overview} />
          <Plots />
          <div className="columns">
            <WaitingTable overview={overview} />
            <WorkerTable overview={overview} />
          </div>
          <LatestRequests />
          <QueueDetails queues={overview.queues} />
        </>
      )}
    </>
  );
}
