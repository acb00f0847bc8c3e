import { Fragment } from 'react';
import type { StoredDeadLetter } from '../api/answers.js';
import { api } from '../api/endpoints.js';
import { countOf } from '../format/format-count.js';
import { formatMoment } from '../format/format-time.js';
import { useNow } from '../live/use-now.js';
import { useResource } from '../live/use-resource.js';
import { Dialog } from '../parts/dialog.js';
import { Moment } from '../parts/moment.js';
import { ProblemNotice } from '../parts/problem-notice.js';
import { requestPath } from '../routing/route.js';
import { Link } from '../routing/router.js';
import { useMay } from '../session/session-provider.js';
import type { LetterAction } from './letter-action-dialog.js';
import { codeWords, instancesOf } from './letter-words.js';

interface LetterDialogProps {
  readonly id: string;
  act(action: LetterAction): void;
  onClose(): void;
}

/** One dead letter: what it is about, why it died, and what was tried. */
export function LetterDialog({ id, act, onClose }: LetterDialogProps) {
  const { data, problem, reload } = useResource(id, (signal) => api.letter(id, signal));
  const mayOperate = useMay('operate');
  const open = (kind: LetterAction['kind']) =>
    act({
      kind,
      choice: { ids: [id] },
      codes: data === undefined ? [] : [data.error.code],
      what: 'this one',
    });
  return (
    <Dialog title="Dead letter" isWide onClose={onClose}>
      <ProblemNotice problem={problem} doing="load the dead letter" retry={reload} />
      {data === undefined ? (
        problem === undefined && <p role="status">Loading…</p>
      ) : (
        <div className="stack">
          <LetterStory letter={data} />
          {mayOperate && (
            <div className="actions">
              <button type="button" className="button primary" onClick={() => open('redrive')}>
                Redrive…
              </button>
              <button type="button" className="button danger" onClick={() => open('discard')}>
                Discard…
              </button>
            </div>
          )}
        </div>
      )}
    </Dialog>
  );
}

function LetterStory({ letter }: { letter: StoredDeadLetter }) {
  const { error, target, requestId, attempts, firstSeenAt, deadAt } = letter;
  const { meaning, advice } = codeWords(error.code);
  return (
    <>
      <p>
        <strong>
          <code>{error.code}</code>
        </strong>{' '}
        {meaning}
      </p>
      <p>
        <strong>What to do:</strong> {advice}
      </p>
      <dl className="facts">
        <Fact name="The cloud said">{error.message}</Fact>
        <Fact name="Invocation">
          <code>{target.invocationId}</code> in {target.region}
        </Fact>
        <Fact name="Request">
          <Link to={requestPath(requestId)}>{requestId}</Link>
        </Fact>
        <Fact name="Calls made">{countOf(attempts, 'attempt')}</Fact>
        <Fact name="Asked for">
          <Moment at={firstSeenAt} />
        </Fact>
        <Fact name="Given up">
          <Moment at={deadAt} />
        </Fact>
        {error.cloudRequestId !== undefined && (
          <Fact name="Cloud RequestId">
            <code>{error.cloudRequestId}</code>
          </Fact>
        )}
      </dl>
      <LetterInstances letter={letter} />
      <LetterHistory letter={letter} />
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="breakable">{children}</dd>
    </div>
  );
}

function LetterInstances({ letter }: { letter: StoredDeadLetter }) {
  const { instanceIds } = letter.target;
  if (instanceIds === undefined) return <p>It is about the whole invocation.</p>;
  return (
    <details open={instanceIds.length <= 5}>
      <summary>{countOf(instancesOf(letter), 'instance')}</summary>
      <p className="id-cloud">
        {instanceIds.map((id) => (
          <Fragment key={id}>
            <code>{id}</code>{' '}
          </Fragment>
        ))}
      </p>
    </details>
  );
}

function LetterHistory({ letter: { history } }: { letter: StoredDeadLetter }) {
  const now = useNow();
  if (history.length === 0) return <p className="muted">No failed attempt is on record.</p>;
  return (
    <section aria-label="History">
      <h3>What was tried</h3>
      <ol className="history">
        {history.map((attempt) => (
          <li key={`${attempt.at} ${attempt.cloudRequestId ?? attempt.code}`}>
            <time dateTime={new Date(attempt.at).toISOString()}>{formatMoment(attempt.at, now)}</time>{' '}
            <code>{attempt.code}</code> <span className="breakable">{attempt.message}</span>
            <span className="muted">
              {' '}
              ({attempt.worker}
              {attempt.cloudRequestId !== undefined && `, RequestId ${attempt.cloudRequestId}`})
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
