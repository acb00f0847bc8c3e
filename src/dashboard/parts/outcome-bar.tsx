import type { InstanceState } from '../../shared/ledger/outcome.js';
import { countOf, formatCount } from '../format/format-count.js';
import { outcomes, settledOf } from './outcomes.js';

interface OutcomeBarProps {
  readonly counts: Readonly<Record<InstanceState, number>>;
  readonly total: number;
  readonly isLarge?: boolean;
}

/** A request's instances by outcome. The colours repeat what the label and the text beside it say. */
export function OutcomeBar({ counts, total, isLarge = false }: OutcomeBarProps) {
  return (
    <div
      className={isLarge ? 'outcome-bar large' : 'outcome-bar'}
      role="img"
      aria-label={describeCounts(counts, total)}
    >
      {outcomes
        .filter(({ state }) => counts[state] > 0)
        .map(({ state }) => (
          <span key={state} className={`outcome-${state}`} style={{ flexGrow: counts[state] }} />
        ))}
    </div>
  );
}

/** `4,210 of 5,000 instances settled: 4,200 terminated, 10 dead letter, 790 waiting` */
export function describeCounts(counts: OutcomeBarProps['counts'], total: number): string {
  const parts = outcomes
    .filter(({ state }) => counts[state] > 0)
    .map(({ state, label }) => `${formatCount(counts[state])} ${label.toLowerCase()}`);
  return `${formatCount(settledOf(counts, total))} of ${countOf(total, 'instance')} settled: ${parts.join(', ')}`;
}
