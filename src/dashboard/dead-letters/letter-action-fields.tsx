import { invocationIdPattern, regionPattern } from '../../shared/id-patterns.js';
import { Field } from '../parts/field.js';

export const emptyChange = { region: '', invocationId: '' };

interface RedriveFieldsProps {
  readonly change: typeof emptyChange;
  /** Another target may be the cure. */
  readonly isLikely: boolean;
  onChange(change: typeof emptyChange): void;
}

/** What a redrive may change about its targets; mostly nothing. */
export function RedriveFields({ change, isLikely, onChange }: RedriveFieldsProps) {
  const { region, invocationId } = change;
  return (
    <details open={isLikely}>
      <summary>Other region or invocation</summary>
      <p className="muted">Only where a wrong one is the cause. It then holds for all of these letters.</p>
      <div className="field-row">
        <Field
          label="Region instead"
          hint="Empty: as it is."
          problem={
            region.trim() === '' || regionPattern.pattern.test(region.trim())
              ? undefined
              : `This ${regionPattern.complaint}.`
          }
        >
          {(ids) => (
            <input
              {...ids}
              value={region}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => onChange({ ...change, region: event.target.value })}
            />
          )}
        </Field>
        <Field
          label="Invocation instead"
          hint="Empty: as it is."
          problem={
            invocationId.trim() === '' || invocationIdPattern.pattern.test(invocationId.trim())
              ? undefined
              : `This ${invocationIdPattern.complaint}.`
          }
        >
          {(ids) => (
            <input
              {...ids}
              value={invocationId}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => onChange({ ...change, invocationId: event.target.value })}
            />
          )}
        </Field>
      </div>
    </details>
  );
}

interface DiscardFieldsProps {
  readonly reason: string;
  readonly isChecked: boolean;
  onChange(reason: string): void;
}

export function DiscardFields({ reason, isChecked, onChange }: DiscardFieldsProps) {
  return (
    <Field
      label="Reason"
      hint="Kept in the audit with your name."
      problem={isChecked && reason.trim() === '' ? 'Say why, for those who look later.' : undefined}
    >
      {(ids) => (
        <input
          {...ids}
          value={reason}
          maxLength={500}
          required
          autoComplete="off"
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
