import { type FormEvent, useRef, useState } from 'react';
import type { QueueOverview } from '../api/answers.js';
import { api } from '../api/endpoints.js';
import { useAnnounce } from '../parts/announcements.js';
import { Dialog } from '../parts/dialog.js';
import { Field } from '../parts/field.js';
import { ProblemNotice } from '../parts/problem-notice.js';
import { useMay } from '../session/session-provider.js';

/** Sets how many calls a second all workers make. Those who may not see the limit in the figures. */
export function LimitControl({ overview }: { overview: QueueOverview }) {
  const [isAsking, setAsking] = useState(false);
  if (!useMay('operate')) return null;
  return (
    <>
      <button type="button" className="button" onClick={() => setAsking(true)}>
        Limit…
      </button>
      {isAsking && <LimitDialog overview={overview} onClose={() => setAsking(false)} />}
    </>
  );
}

function LimitDialog({
  overview: { liveLimit, callsPerSecondLimit },
  onClose,
}: {
  overview: QueueOverview;
  onClose: () => void;
}) {
  const [problem, setProblem] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const calls = useRef<HTMLInputElement>(null);
  const reason = useRef<HTMLInputElement>(null);
  const announce = useAnnounce();
  const change = async (work: () => Promise<unknown>, done: string) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
      announce(done);
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  const set = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = Number(calls.current?.value);
    await change(
      () => api.setLimit(wanted, reason.current?.value.trim() ?? ''),
      `Limited to ${wanted} calls a second.`,
    );
  };
  return (
    <Dialog title="Limit the calls of all workers" onClose={onClose}>
      <form onSubmit={set} className="stack">
        <p>
          {liveLimit === null
            ? 'Workers make as many calls as they are set to.'
            : `Limited to ${liveLimit.callsPerSecond} calls a second by ${liveLimit.by ?? 'somebody'}.`}{' '}
          All workers follow within a second.
        </p>
        <Field
          label="Calls a second"
          hint={callsPerSecondLimit === null ? 'A whole number.' : `At most ${callsPerSecondLimit}.`}
        >
          {(ids) => (
            <input
              {...ids}
              ref={calls}
              type="number"
              min={1}
              max={callsPerSecondLimit ?? 1_000}
              step={1}
              required
              defaultValue={liveLimit?.callsPerSecond ?? callsPerSecondLimit ?? undefined}
            />
          )}
        </Field>
        <Field label="Reason" hint="Shown to everybody who looks; may be left empty.">
          {(ids) => <input {...ids} ref={reason} maxLength={200} autoComplete="off" />}
        </Field>
        <ProblemNotice problem={problem} doing="change the limit" />
        <div className="actions">
          <button type="submit" className="button primary" disabled={isBusy}>
            Set the limit
          </button>
          {liveLimit !== null && (
            <button
              type="button"
              className="button"
              disabled={isBusy}
              onClick={() => change(api.resetLimit, 'The limit is reset.')}
            >
              Reset
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}
