import { type PointerEvent, useMemo, useState } from 'react';
import type { CallSecond } from '../api/answers.js';
import { formatCount } from '../format/format-count.js';
import { historySeconds } from '../live/second-history.js';
import { areaPath, scaleTop, stepPath, valuesOf } from './plot-geometry.js';

const height = 100;

interface SecondPlotProps {
  readonly title: string;
  readonly seconds: readonly CallSecond[];
  readonly tone: 'calls' | 'instances';
  pick(second: CallSecond): number;
  /** Drawn as a line across. */
  readonly limit?: number | null;
  /** One second in words. */
  describe(second: CallSecond): string;
  /** The whole of it in words, for those who do not see it. */
  readonly summary: string;
}

/** The last ten minutes, second by second. A pointer, a finger or the arrow keys single a second out. */
export function SecondPlot(props: SecondPlotProps) {
  const { title, seconds, tone, pick, limit, describe, summary } = props;
  const [chosen, setChosen] = useState<number>();
  const { first, values } = useMemo(() => valuesOf(seconds, pick, historySeconds), [seconds, pick]);
  const top = scaleTop(Math.max(limit ?? 0, ...values) * 1.1);
  const index = Math.min(historySeconds - 1, Math.max(0, chosen ?? historySeconds - 1));
  const second = seconds.find((each) => each.second === first + index) ?? {
    second: first + index,
    calls: 0,
    instances: 0,
    refusals: 0,
  };
  const isEmpty = seconds.length === 0;
  const readout = isEmpty ? 'Nothing is known yet.' : describe(second);
  const onPointer = (event: PointerEvent<HTMLInputElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    setChosen(Math.floor(((event.clientX - left) / width) * historySeconds));
  };
  return (
    <figure className={`plot plot-${tone}`}>
      <figcaption>
        <span className="plot-title">{title}</span>
        <span className="plot-readout">{readout}</span>
      </figcaption>
      <div className="plot-field">
        <PlotDrawing values={values} seconds={seconds} first={first} top={top} limit={limit ?? undefined} />
        <span className="plot-top">{formatCount(top)}</span>
        {limit != null && (
          <span className="plot-limit" style={{ bottom: `${(limit / top) * 100}%` }}>
            limit {limit}
          </span>
        )}
        {chosen !== undefined && (
          <span className="plot-cursor" style={{ left: `${((index + 0.5) / historySeconds) * 100}%` }} />
        )}
        <input
          type="range"
          className="plot-picker"
          aria-label={`${title}: the second to look at. ${summary}`}
          aria-valuetext={readout}
          min={0}
          max={historySeconds - 1}
          value={index}
          onChange={(event) => setChosen(Number(event.target.value))}
          onPointerMove={onPointer}
          onPointerLeave={() => setChosen(undefined)}
          onBlur={() => setChosen(undefined)}
        />
      </div>
      <div className="plot-axis" aria-hidden="true">
        {['−10 min', '−8', '−6', '−4', '−2', 'now'].map((label) => (
          <span key={label}>{label}</span>
        ))}
      </div>
    </figure>
  );
}

interface PlotDrawingProps {
  readonly values: readonly number[];
  readonly seconds: readonly CallSecond[];
  readonly first: number;
  readonly top: number;
  readonly limit: number | undefined;
}

function PlotDrawing({ values, seconds, first, top, limit }: PlotDrawingProps) {
  const y = limit === undefined ? undefined : height - (limit / top) * height;
  return (
    <svg viewBox={`0 0 ${historySeconds} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      {[0.25, 0.5, 0.75].map((share) => (
        <path key={share} className="plot-grid" d={`M0 ${height * share}H${historySeconds}`} />
      ))}
      <path className="plot-area" d={areaPath(values, top, height)} />
      <path className="plot-line" d={stepPath(values, top, height)} />
      {y !== undefined && <path className="plot-limit-line" d={`M0 ${y}H${historySeconds}`} />}
      {seconds
        .filter(({ refusals }) => limit !== undefined && refusals > 0)
        .map(({ second }) => (
          <path key={second} className="plot-refusal" d={`M${second - first + 0.5} ${height}v-8`} />
        ))}
    </svg>
  );
}
