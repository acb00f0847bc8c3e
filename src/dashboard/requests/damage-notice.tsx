import type { RequestStatus } from '../api/answers.js';
import { Icon } from '../parts/icon.js';
import { isDamaged } from './damage.js';

/** Which entries of a request cannot be read, and what to do. Nothing for one that is whole. */
export function DamageNotice({ request }: { request: RequestStatus }) {
  const { requestId, damaged = [] } = request;
  if (!isDamaged(request)) return null;
  return (
    <div className="notice bad">
      <Icon name="alert" />
      <p>
        <strong>This request is damaged.</strong> What Redis holds of it was changed by hand; these entries
        cannot be read: <span className="breakable">{damaged.join(', ')}</span>. Figures here may be wrong.{' '}
        <strong>What to do:</strong> look at what <code>tat-cancel doctor</code> says of {requestId}.
      </p>
    </div>
  );
}
