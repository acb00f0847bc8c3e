import { type FormEvent, useRef, useState } from 'react';
import type { QueueOverview } from '../api/answers.js';
import { api } from '../api/endpoints.js';
import { useAnnounce } from '../parts/announcements.js';
import { Dialog } from '../parts/dialog.js';
import { Field } from '../parts/field.js';
import { Icon } from '../parts/icon.js';
import { ProblemNotice } from '../parts/problem-notice.js';
import { RoleNote } from '../session/role-note.js';
import { useMay } from '../session/session-provider.js';

/** Stops all calls, or lets them go on. */
export function PauseControl({ paused }: { paused: QueueOverview['paused'] }) {
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const announce = useAnnounce();
  if (!useMay('operate')) return <RoleNote needed="operate" action="pause or resume the queue" />;
  const resume = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await api.resume();
      announce('Resumed: calls go out again.');
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {paused === false ? (
        <button type="button" className="button" onClick={() => setAsking(true)}>
          <Icon name="pause" /> Pause…
        </button>
      ) : (
        <button type="button" className="button primary" disabled={isBusy} onClick={resume}>
          <Icon name="play" /> {isBusy ? 'Resuming…' : 'Resume'}
        </button>
      )}
      <ProblemNotice problem={problem} doing="resume the queue" />
      {isAsking && <PauseDialog onClose={() => setAsking(false)} />}
    </>
  );
}

function PauseDialog({ onClose }: { onClose: () => void }) {
  const [problem, setProblem] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const reason = useRef<HTMLInputElement>(null);
  const announce = useAnnounce();
  const pause = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await api.pause(reason.current?.value.trim() ?? '');
      announce('Paused: no further calls are made until somebody resumes.');
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  return (
    <Dialog title="Pause all calls?" onClose={onClose}>
      <form onSubmit={pause} className="stack">
        <p>
          No worker makes a further call, for nobody’s request, until somebody resumes. Commands that wait to
          be stopped run on meanwhile. New requests are accepted and wait.
        </p>
        <Field label="Reason" hint="Shown to everybody who looks; may be left empty.">
          {(ids) => <input {...ids} ref={reason} maxLength={200} autoComplete="off" />}
        </Field>
        <ProblemNotice problem={problem} doing="pause the queue" />
        <div className="actions">
          <button type="submit" className="button danger" disabled={isBusy}>
            {isBusy ? 'Pausing…' : 'Pause'}
          </button>
          <button type="button" className="button" onClick={onClose}>
            Leave it running
          </button>
        </div>
      </form>
    </Dialog>
  );
}
