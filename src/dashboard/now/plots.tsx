import type { CallSecond } from '../api/answers.js';
import { countOf, formatCount, formatRate } from '../format/format-count.js';
import { formatMoment } from '../format/format-time.js';
import { useOverview } from '../live/overview-provider.js';
import { SecondPlot } from './second-plot.js';

const callsOf = ({ calls }: CallSecond) => calls;
const instancesOf = ({ instances }: CallSecond) => instances;

/** Calls against the limit, and under it the instances that they carried. */
export function Plots() {
  const { overview, seconds } = useOverview();
  const limit = overview?.callsPerSecondLimit ?? null;
  const describe = ({ second, calls, instances, refusals }: CallSecond) => {
    const refused = refusals === 0 ? '' : `, ${formatCount(refusals)} refused`;
    return `${formatMoment(second * 1_000, second * 1_000)}: ${countOf(calls, 'call')}, ${countOf(instances, 'instance')}${refused}`;
  };
  const most = Math.max(0, ...seconds.map(callsOf));
  const sum = seconds.reduce((total, { calls }) => total + calls, 0);
  const mean = seconds.length === 0 ? 0 : sum / seconds.length;
  return (
    <section className="panel plots" aria-labelledby="plots-title">
      <h2 id="plots-title" className="panel-title">
        Last ten minutes
      </h2>
      <SecondPlot
        title="Calls a second"
        tone="calls"
        seconds={seconds}
        pick={callsOf}
        limit={limit}
        describe={describe}
        summary={`At most ${formatCount(most)} in one second, ${formatRate(mean)} on average${
          limit === null ? '' : `; the limit is ${formatRate(limit)}`
        }.`}
      />
      <SecondPlot
        title="Instances a second"
        tone="instances"
        seconds={seconds}
        pick={instancesOf}
        describe={describe}
        summary={`At most ${formatCount(Math.max(0, ...seconds.map(instancesOf)))} in one second.`}
      />
    </section>
  );
}
