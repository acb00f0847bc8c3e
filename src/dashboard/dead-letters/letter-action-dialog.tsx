import { type FormEvent, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { invocationIdPattern, regionPattern } from '../../shared/id-patterns.js';
import type { DeadLetterResult, LetterChoice } from '../api/answers.js';
import { api } from '../api/endpoints.js';
import { countOf } from '../format/format-count.js';
import { useResource } from '../live/use-resource.js';
import { useAnnounce } from '../parts/announcements.js';
import { Dialog } from '../parts/dialog.js';
import { ProblemNotice } from '../parts/problem-notice.js';
import { DiscardFields, emptyChange, RedriveFields } from './letter-action-fields.js';
import { mayNeedOtherTarget } from './letter-words.js';

export interface LetterAction {
  readonly kind: 'redrive' | 'discard';
  readonly choice: LetterChoice;
  readonly codes: readonly string[];
  /** Says which letters these are. */
  readonly what: string;
}

interface LetterActionDialogProps {
  readonly action: LetterAction;
  onClose(): void;
  onDone(): void;
}

/** Says how much an action would touch, asks for what it needs, and carries it out. */
export function LetterActionDialog({ action, onClose, onDone }: LetterActionDialogProps) {
  const { kind, choice, what, codes } = action;
  const [change, setChange] = useState(emptyChange);
  const [reason, setReason] = useState('');
  const [isChecked, setChecked] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const announce = useAnnounce();
  const preview = useResource('preview', () =>
    kind === 'redrive' ? api.redrive(choice, { dryRun: true }) : api.discard(choice, { dryRun: true }),
  );
  const isReady =
    kind === 'discard'
      ? reason.trim() !== ''
      : fits(change.region, regionPattern.pattern) && fits(change.invocationId, invocationIdPattern.pattern);
  const form = useRef<HTMLFormElement>(null);
  const carryOut = async (event: FormEvent) => {
    event.preventDefault();
    if (!isReady) {
      // The complaint is there at once, so that the field that gets the focus reads it out.
      flushSync(() => setChecked(true));
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
      return;
    }
    setBusy(true);
    setProblem(undefined);
    try {
      const result =
        kind === 'redrive'
          ? await api.redrive(choice, withoutEmpty(change))
          : await api.discard(choice, { reason: reason.trim() });
      announce(describeResult(kind, result), result.unknown.length > 0 ? 'bad' : 'good');
      onDone();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={kind === 'redrive' ? 'Send round again?' : 'Discard for good?'} onClose={onClose}>
      <form ref={form} className="stack" onSubmit={carryOut} noValidate>
        <Preview kind={kind} what={what} result={preview.data} />
        <ProblemNotice problem={preview.problem} doing="count what it would touch" retry={preview.reload} />
        {kind === 'redrive' ? (
          <RedriveFields change={change} onChange={setChange} isLikely={mayNeedOtherTarget(codes)} />
        ) : (
          <DiscardFields reason={reason} onChange={setReason} isChecked={isChecked} />
        )}
        <ProblemNotice problem={problem} doing={`${kind} them`} />
        <div className="actions">
          <button
            type="submit"
            className={kind === 'redrive' ? 'button primary' : 'button danger'}
            disabled={isBusy || preview.data === undefined || preview.data.letters === 0}
          >
            {labelOf(kind, preview.data, isBusy)}
          </button>
          <button type="button" className="button" onClick={onClose}>
            Leave them
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Preview({
  kind,
  what,
  result,
}: Pick<LetterAction, 'kind' | 'what'> & { result: DeadLetterResult | undefined }) {
  return (
    <p role="status">
      {result === undefined ? (
        'Counting…'
      ) : (
        <>
          This touches <strong>{countOf(result.letters, 'letter')}</strong> with{' '}
          <strong>{countOf(result.instances, 'instance')}</strong>: {what}.{' '}
          {kind === 'redrive'
            ? 'Their instances wait again, with all attempts anew, and are sent as the call limit allows.'
            : 'Their instances stay dead-lettered in their requests and are not tried again. The commands may still run there.'}
        </>
      )}
    </p>
  );
}

function labelOf(kind: LetterAction['kind'], result: DeadLetterResult | undefined, isBusy: boolean): string {
  if (isBusy) return kind === 'redrive' ? 'Redriving…' : 'Discarding…';
  const verb = kind === 'redrive' ? 'Redrive' : 'Discard';
  return result === undefined ? verb : `${verb} ${countOf(result.letters, 'letter')}`;
}

function describeResult(
  kind: LetterAction['kind'],
  { letters, instances, unknown }: DeadLetterResult,
): string {
  const rest =
    unknown.length === 0
      ? ''
      : ` ${countOf(unknown.length, 'letter')} could not be: nobody knows their job any more, so they can only be discarded.`;
  return kind === 'redrive'
    ? `Redriven: ${countOf(instances, 'instance')} of ${countOf(letters, 'letter')} wait again.${rest}`
    : `Discarded: ${countOf(letters, 'letter')}.${rest}`;
}

function fits(text: string, pattern: RegExp): boolean {
  return text.trim() === '' || pattern.test(text.trim());
}

function withoutEmpty({ region, invocationId }: typeof emptyChange): {
  region?: string;
  invocationId?: string;
} {
  return {
    ...(region.trim() === '' ? {} : { region: region.trim() }),
    ...(invocationId.trim() === '' ? {} : { invocationId: invocationId.trim() }),
  };
}
