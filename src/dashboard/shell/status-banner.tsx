import { describeBlocked } from '../../shared/blocked-words.js';
import { judge } from '../../shared/failure-table.js';
import type { QueueOverview } from '../api/answers.js';
import { countOf } from '../format/format-count.js';
import { useOverview } from '../live/overview-provider.js';
import { sumOf } from '../now/figures.js';
import { Icon } from '../parts/icon.js';
import { Moment } from '../parts/moment.js';
import { Link } from '../routing/router.js';

/** What keeps everything from getting on, in words, on every view. Nothing when all is well. */
export function StatusBanner() {
  const { overview, connection, trouble, retryNow } = useOverview();
  const waiting = overview === undefined ? 0 : sumOf(overview.waiting, 'instances');
  return (
    <div className="banners" role="status" aria-live="polite">
      {connection === 'lost' && <LostNotice overview={overview} retryNow={retryNow} />}
      {connection !== 'lost' && trouble !== undefined && (
        <div className="notice bad">
          <Icon name="alert" />
          <p>
            <strong>The server gets no answer from Redis.</strong> {trouble}{' '}
            {overview !== undefined && (
              <>
                What is shown is from <Moment at={overview.at} as="clock" />.
              </>
            )}
          </p>
        </div>
      )}
      {overview?.held != null && <HeldNotice held={overview.held} />}
      {overview?.blocked?.map((state) => (
        <BlockedNotice key={`${state.scope} ${state.region} ${state.worker}`} state={state} />
      ))}
      {overview !== undefined && overview.paused !== false && <PausedNotice paused={overview.paused} />}
      {overview?.workers.length === 0 && waiting > 0 && (
        <div className="notice bad">
          <Icon name="alert" />
          <p>
            <strong>Nobody makes calls.</strong> {countOf(waiting, 'instance')} wait, and no worker is alive.{' '}
            <strong>What to do:</strong> start one with <code>tat-cancel worker</code>. Nothing is lost
            meanwhile.
          </p>
        </div>
      )}
    </div>
  );
}

function LostNotice({ overview, retryNow }: { overview: QueueOverview | undefined; retryNow: () => void }) {
  return (
    <div className="notice warn">
      <Icon name="alert" />
      <p>
        <strong>Connection lost.</strong> The server does not answer.{' '}
        {overview !== undefined && (
          <>
            What is shown is from <Moment at={overview.at} as="clock" />.{' '}
          </>
        )}
        It is tried again by itself.
      </p>
      <button type="button" className="button" onClick={retryNow}>
        Try now
      </button>
    </div>
  );
}

function HeldNotice({ held }: { held: NonNullable<QueueOverview['held']> }) {
  const { row } = judge(held.code, held.message);
  return (
    <div className="notice bad">
      <Icon name="alert" />
      <div>
        <p>
          <strong>Held: no calls are made.</strong> {row.meaning} <strong>What to do:</strong> {row.advice}
        </p>
        <p>
          Since <Moment at={held.since} as="clock" />. Found by {held.worker} in {held.region}:{' '}
          <code>{held.code}</code> <span className="breakable">{held.message}</span> Nothing is lost, and no
          attempt is spent meanwhile.
        </p>
      </div>
    </div>
  );
}

function BlockedNotice({ state }: { state: QueueOverview['blocked'][number] }) {
  const { what, why, advice } = describeBlocked(state);
  return (
    <div className="notice warn">
      <Icon name="alert" />
      <div>
        <p>
          <strong>{what}</strong> {why} <strong>What to do:</strong> {advice}
        </p>
        <p>
          Since <Moment at={state.since} as="clock" />. Found by {state.worker} in {state.region}:{' '}
          <code>{state.code}</code> <span className="breakable">{state.message}</span> All other calls go on.
        </p>
      </div>
    </div>
  );
}

function PausedNotice({ paused }: { paused: Exclude<QueueOverview['paused'], false> }) {
  const note = typeof paused === 'object' ? paused : undefined;
  return (
    <div className="notice warn">
      <Icon name="pause" />
      <p>
        <strong>Paused: no calls are made.</strong>{' '}
        {note === undefined ? (
          'Somebody paused the queue by hand.'
        ) : (
          <>
            {note.by ?? 'Somebody'} paused it at <Moment at={note.since} as="clock" />
            {note.reason === undefined ? '.' : `, saying “${note.reason}”.`}
          </>
        )}{' '}
        <strong>What to do:</strong> resume it on <Link to="/">Now</Link> once the reason is gone. What is
        asked for meanwhile waits.
      </p>
    </div>
  );
}
