import { regionPattern } from '../../shared/id-patterns.js';
import type { Priority } from '../api/answers.js';
import { Field } from '../parts/field.js';

/** What a request says beside its targets. */
export interface DraftFacts {
  readonly region: string;
  readonly priority: Priority;
  readonly reason: string;
  readonly confirm: boolean;
}

export const emptyFacts: DraftFacts = { region: '', priority: 'normal', reason: '', confirm: true };

const priorities = [
  { value: 'urgent', label: 'Urgent', hint: 'before everything else' },
  { value: 'normal', label: 'Normal', hint: 'in turn' },
  { value: 'low', label: 'Low', hint: 'when nothing else waits' },
] as const;

export function isRegionFine(region: string): boolean {
  return region.trim() === '' || regionPattern.pattern.test(region.trim());
}

interface DraftFieldsProps {
  readonly facts: DraftFacts;
  /** Lines without a region need one. */
  readonly isRegionMissing: boolean;
  onChange(changes: Partial<DraftFacts>): void;
}

export function DraftFields({ facts, isRegionMissing, onChange }: DraftFieldsProps) {
  const { region, priority, reason, confirm } = facts;
  const regionProblem = !isRegionFine(region)
    ? `This ${regionPattern.complaint}.`
    : isRegionMissing
      ? 'Lines name no region, and the server has none by default: enter it here.'
      : undefined;
  return (
    <>
      <Field
        label="Region"
        hint="For lines that name none. Empty: the server’s default."
        problem={regionProblem}
      >
        {(ids) => (
          <input
            {...ids}
            value={region}
            autoComplete="off"
            spellCheck={false}
            placeholder="ap-singapore"
            onChange={(event) => onChange({ region: event.target.value })}
          />
        )}
      </Field>
      <fieldset className="field">
        <legend className="field-label">Priority</legend>
        <div className="choices">
          {priorities.map(({ value, label, hint }) => (
            <label key={value} className="choice">
              <input
                type="radio"
                name="priority"
                checked={priority === value}
                onChange={() => onChange({ priority: value })}
              />
              <span>
                {label} <span className="muted">{hint}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <Field label="Reason" hint="For those who look later: what went wrong, which incident.">
        {(ids) => (
          <input
            {...ids}
            value={reason}
            maxLength={1_000}
            autoComplete="off"
            onChange={(event) => onChange({ reason: event.target.value })}
          />
        )}
      </Field>
      <label className="choice">
        <input
          type="checkbox"
          checked={confirm}
          onChange={(event) => onChange({ confirm: event.target.checked })}
        />
        <span>
          Wait for proof{' '}
          <span className="muted">that each command stopped, not only that the cloud took the call</span>
        </span>
      </label>
    </>
  );
}
