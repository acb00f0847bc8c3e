import { useEffect, useRef, useState } from 'react';
import type { LetterFilter } from '../api/answers.js';
import { api } from '../api/endpoints.js';
import { countOf } from '../format/format-count.js';
import { useResource } from '../live/use-resource.js';
import { ProblemNotice } from '../parts/problem-notice.js';
import { useTitle } from '../parts/use-title.js';
import { useRouter } from '../routing/router.js';
import { RoleNote } from '../session/role-note.js';
import { type LetterAction, LetterActionDialog } from './letter-action-dialog.js';
import { LetterDialog } from './letter-dialog.js';
import { LetterFilterBar } from './letter-filter.js';
import { LetterGroups } from './letter-groups.js';
import { LetterList } from './letter-list.js';
import { isFiltered, letterFilterOf, queryOf } from './letter-query.js';

/** What could not be carried out, and what is to become of it. */
export function DeadLettersView() {
  const { query, setQuery } = useRouter();
  const [action, setAction] = useState<LetterAction>();
  const [turn, setTurn] = useState(0);
  const list = useRef<HTMLHeadingElement>(null);
  const filter = letterFilterOf(query);
  const narrow = (changed: LetterFilter) => setQuery(queryOf(changed));
  const groups = useResource(
    `groups ${turn} ${JSON.stringify(filter)}`,
    (signal) => api.letterGroups(filter, signal),
    { everyMs: 10_000 },
  );
  const letterId = query.get('letter');
  useTitle('Dead letters');
  const hasActed = useRef(false);
  // What was pressed may be gone with its letters, and the focus would be lost with it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each turn that an action has brought
  useEffect(() => {
    if (hasActed.current) list.current?.focus();
    hasActed.current = false;
  }, [turn]);
  const show = (code: string) => {
    narrow({ ...filter, code });
    list.current?.focus();
  };
  const known = groups.data?.groups ?? [];
  const total = known.reduce((sum, { letters }) => sum + letters, 0);
  return (
    <>
      <div className="view-head">
        <h1>Dead letters</h1>
        {groups.data !== undefined && (
          <p className="muted">
            {countOf(total, 'letter')} {isFiltered(filter) ? 'that fit the filter' : 'in all'}
          </p>
        )}
      </div>
      <p className="lead">
        What could not be carried out, with the reason. It stays here until somebody sends it round again or
        discards it.
      </p>
      <RoleNote needed="operate" action="redrive or discard dead letters" />
      <LetterFilterBar filter={filter} codes={known.map(({ code }) => code)} onChange={narrow} />
      <section className="panel" aria-labelledby="groups-title" aria-busy={groups.isLoading}>
        <h2 id="groups-title" className="panel-title">
          By cause
        </h2>
        <ProblemNotice problem={groups.problem} doing="load the groups" retry={groups.reload} />
        <div role="status">
          {groups.data === undefined && groups.problem === undefined && <p className="muted">Loading…</p>}
          {groups.data?.groups.length === 0 && (
            <p>
              {isFiltered(filter)
                ? 'No dead letter fits the filter.'
                : 'No dead letters: nothing needs a decision.'}
            </p>
          )}
        </div>
        <LetterGroups groups={known} filter={filter} show={show} act={setAction} />
      </section>
      <LetterList
        heading={list}
        filter={filter}
        turn={turn}
        reload={() => setTurn(turn + 1)}
        act={setAction}
      />
      {letterId !== null && action === undefined && (
        <LetterDialog id={letterId} act={setAction} onClose={() => setQuery({ letter: '' })} />
      )}
      {action !== undefined && (
        <LetterActionDialog
          action={action}
          onClose={() => setAction(undefined)}
          onDone={() => {
            setAction(undefined);
            setQuery({ letter: '' });
            setTurn(turn + 1);
            hasActed.current = true;
          }}
        />
      )}
    </>
  );
}
