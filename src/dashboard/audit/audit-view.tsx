import { type FormEvent, useId } from 'react';
import type { AuditEntry } from '../api/answers.js';
import { api } from '../api/endpoints.js';
import { useCursorPages } from '../live/use-cursor-pages.js';
import { useResource } from '../live/use-resource.js';
import { Moment } from '../parts/moment.js';
import { Pager } from '../parts/pager.js';
import { ProblemNotice } from '../parts/problem-notice.js';
import { useTitle } from '../parts/use-title.js';
import { requestPath } from '../routing/route.js';
import { Link, useRouter } from '../routing/router.js';
import { RoleNote } from '../session/role-note.js';
import { useMay } from '../session/session-provider.js';
import { auditWords, describeDetails, parseAction } from './audit-words.js';

const rowsPerPage = 100;

/** Who changed what, the newest first. */
export function AuditView() {
  const mayOperate = useMay('operate');
  useTitle('Audit');
  return (
    <>
      <div className="view-head">
        <h1>Audit</h1>
      </div>
      <p className="lead">Who changed what. The latest 100,000 changes are kept.</p>
      <RoleNote needed="operate" action="see the audit" />
      {mayOperate && <AuditPanel />}
    </>
  );
}

function AuditPanel() {
  const { query, setQuery } = useRouter();
  const filter = {
    action: parseAction(query.get('action')),
    by: query.get('by') || undefined,
    requestId: query.get('requestId') || undefined,
  };
  const key = JSON.stringify(filter);
  const pages = useCursorPages(key);
  const { data, problem, isLoading, reload } = useResource(`${key} ${pages.cursor ?? ''}`, (signal) =>
    api.audit({ ...filter, limit: rowsPerPage, cursor: pages.cursor }, signal),
  );
  return (
    <section className="panel" aria-label="Changes" aria-busy={isLoading}>
      <AuditFilterBar key={key} query={query} onChange={setQuery} />
      <ProblemNotice problem={problem} doing="load the audit" retry={reload} />
      <div role="status">
        {data === undefined && problem === undefined && <p className="muted">Loading…</p>}
        {data?.entries.length === 0 && <p className="muted">No change fits.</p>}
      </div>
      {data !== undefined && data.entries.length > 0 && <AuditRows entries={data.entries} />}
      <Pager pages={pages} nextCursor={data?.nextCursor} label="the audit" newer="Newer" older="Older" />
    </section>
  );
}

interface AuditFilterBarProps {
  readonly query: URLSearchParams;
  onChange(changes: Readonly<Record<string, string>>): void;
}

function AuditFilterBar({ query, onChange }: AuditFilterBarProps) {
  const id = useId();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    onChange({ by: text('by'), requestId: text('requestId') });
  };
  return (
    <form className="filter-bar" aria-label="Narrow down" onSubmit={submit}>
      <label className="inline-field">
        Change{' '}
        <select
          value={query.get('action') ?? ''}
          onChange={(event) => onChange({ action: event.target.value })}
        >
          <option value="">all</option>
          {Object.entries(auditWords).map(([action, words]) => (
            <option key={action} value={action}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <label className="inline-field" htmlFor={`${id}-by`}>
        By <input id={`${id}-by`} name="by" defaultValue={query.get('by') ?? ''} autoComplete="off" />
      </label>
      <label className="inline-field" htmlFor={`${id}-request`}>
        Request{' '}
        <input
          id={`${id}-request`}
          name="requestId"
          defaultValue={query.get('requestId') ?? ''}
          autoComplete="off"
        />
      </label>
      <button type="submit" className="button">
        Filter
      </button>
    </form>
  );
}

function AuditRows({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <table className="table stacked">
      <thead>
        <tr>
          <th scope="col">Change</th>
          <th scope="col">When</th>
          <th scope="col">By</th>
          <th scope="col">Request</th>
          <th scope="col">Details</th>
        </tr>
      </thead>
      <tbody>
        {entries.map(({ id, at, action, by, role, requestId, details }) => (
          <tr key={id}>
            <th scope="row">{auditWords[action]}</th>
            <td data-label="When">
              <Moment at={at} as="ago" />
            </td>
            <td data-label="By" className="breakable">
              {by}
              {role !== undefined && <span className="muted"> ({role})</span>}
            </td>
            <td data-label="Request">
              {requestId === undefined ? (
                <span className="muted">none</span>
              ) : (
                <Link to={requestPath(requestId)} className="truncated">
                  {requestId}
                </Link>
              )}
            </td>
            <td data-label="Details" className="breakable">
              <bdi>{describeDetails(details)}</bdi>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
