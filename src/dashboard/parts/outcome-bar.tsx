import { countOf, formatCount } from '../format/format-count.js';
import { presentOutcomes, settledOf, type Tally } from './outcomes.js';

interface OutcomeBarProps {
  readonly tally: Tally;
  readonly isLarge?: boolean;
}

/** A request's instances by outcome. The colours repeat what the label and the text beside it say. */
export function OutcomeBar({ tally, isLarge = false }: OutcomeBarProps) {
  return (
    <div
      className={isLarge ? 'outcome-bar large' : 'outcome-bar'}
      role="img"
      aria-label={describeCounts(tally)}
    >
      {presentOutcomes(tally).map(({ state, count }) => (
        <span key={state} className={`outcome-${state}`} style={{ flexGrow: count }} />
      ))}
    </div>
  );
}

/** `4,210 of 5,000 instances settled: 4,200 terminated, 10 dead-lettered, 790 waiting` */
function describeCounts(tally: Tally): string {
  const parts = presentOutcomes(tally).map(
    ({ label, count }) => `${formatCount(count)} ${label.toLowerCase()}`,
  );
  return `${formatCount(settledOf(tally))} of ${countOf(tally.total, 'instance')} settled: ${parts.join(', ')}`;
}
