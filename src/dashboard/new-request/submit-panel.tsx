import { useState } from 'react';
import type { RequestPreview } from '../api/answers.js';
import { countOf } from '../format/format-count.js';
import { Field } from '../parts/field.js';
import { describeSize, isTyped, mostInstances, needsTyping } from './confirmation.js';

interface SubmitPanelProps {
  readonly preview: RequestPreview | undefined;
  readonly isBusy: boolean;
  /** Why it cannot be sent although a preview is there. */
  readonly hindrance: string | undefined;
}

/** The button, and above it the question whether so many are really meant. */
export function SubmitPanel({ preview, isBusy, hindrance }: SubmitPanelProps) {
  const [typed, setTyped] = useState('');
  const asks = preview !== undefined && needsTyping(preview);
  const most = preview === undefined ? 0 : mostInstances(preview);
  const isConfirmed = !asks || isTyped(typed, most);
  return (
    <section className="panel stack" aria-label="Hand in">
      {asks && (
        <Field
          label={`Type ${most} to confirm`}
          hint={`Commands on up to ${countOf(most, 'instance')} will be stopped. That cannot be undone.`}
        >
          {(ids) => (
            <input
              {...ids}
              value={typed}
              inputMode="numeric"
              autoComplete="off"
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
      )}
      {hindrance !== undefined && <p className="field-problem">{hindrance}</p>}
      <button
        type="submit"
        className="button danger large"
        disabled={preview === undefined || !isConfirmed || isBusy || hindrance !== undefined}
      >
        {labelOf(preview, isBusy)}
      </button>
    </section>
  );
}

function labelOf(preview: RequestPreview | undefined, isBusy: boolean): string {
  if (isBusy) return 'Handing in…';
  if (preview === undefined) return 'Stop commands';
  return `Stop commands on ${describeSize(preview)}`;
}
