import { useState } from 'react';
import type { RequestProgress } from '../api/answers.js';
import { api } from '../api/endpoints.js';
import { countOf, formatCount } from '../format/format-count.js';
import { useAnnounce } from '../parts/announcements.js';
import { Dialog } from '../parts/dialog.js';
import { Icon } from '../parts/icon.js';
import { isUnfinished } from '../parts/outcomes.js';
import { ProblemNotice } from '../parts/problem-notice.js';
import { RoleNote } from '../session/role-note.js';
import { useMay } from '../session/session-provider.js';

interface WithdrawControlProps {
  readonly progress: RequestProgress;
  onDone(progress: RequestProgress): void;
}

/** Takes a request back, after a question. Nothing for one that is over or taken back already. */
export function WithdrawControl({ progress, onDone }: WithdrawControlProps) {
  const [isAsking, setAsking] = useState(false);
  const mayWithdraw = useMay('enqueue');
  if (!isUnfinished(progress.state) || progress.withdrawnAt !== undefined) return null;
  if (!mayWithdraw) return <RoleNote needed="enqueue" action="withdraw requests" />;
  return (
    <>
      <button type="button" className="button danger" onClick={() => setAsking(true)}>
        <Icon name="stop" /> Withdraw…
      </button>
      {isAsking && <WithdrawDialog progress={progress} onDone={onDone} onClose={() => setAsking(false)} />}
    </>
  );
}

function WithdrawDialog({ progress, onDone, onClose }: WithdrawControlProps & { onClose: () => void }) {
  const [problem, setProblem] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const announce = useAnnounce();
  const { waiting, accepted } = progress.counts;
  const withdraw = async () => {
    setBusy(true);
    try {
      const after = await api.withdraw(progress.requestId);
      announce(`Withdrawn: ${countOf(after.counts.withdrawn, 'instance')} will not be stopped.`);
      onDone(after);
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  return (
    <Dialog title="Withdraw this request?" onClose={onClose}>
      <div className="stack">
        <p>
          <strong>{countOf(waiting, 'instance')}</strong> for which no call was made yet will not be stopped:
          the command runs on there. What calls carry already
          {accepted > 0 && ` (${formatCount(accepted)} sent)`} comes to its end. It cannot be undone; a new
          request can be made.
        </p>
        <ProblemNotice problem={problem} doing="withdraw the request" />
        <div className="actions">
          <button type="button" className="button danger" disabled={isBusy} onClick={withdraw}>
            {isBusy ? 'Withdrawing…' : 'Withdraw'}
          </button>
          <button type="button" className="button" onClick={onClose}>
            Keep it
          </button>
        </div>
      </div>
    </Dialog>
  );
}
