import { type ReactNode, type RefObject, useEffect, useState } from 'react';
import type { LetterFilter, StoredDeadLetter } from '../api/answers.js';
import { letterExportPath } from '../api/endpoints.js';
import { countOf } from '../format/format-count.js';
import { useRouter } from '../routing/router.js';
import { useMay } from '../session/session-provider.js';
import type { LetterAction } from './letter-action-dialog.js';
import { LetterFilterBar } from './letter-filter.js';
import { LetterTable } from './letter-table.js';

const rowsPerPage = 50;

interface LetterListProps {
  /** Gets the focus when somebody asks for the letters of a group. */
  readonly heading: RefObject<HTMLHeadingElement | null>;
  readonly codes: readonly string[];
  readonly turn: number;
  act(action: LetterAction): void;
  /** Loads what has come since. */
  reload(): void;
}

/** Single letters: narrow down, select, decide, take away as a file. */
export function LetterList({ heading, codes, turn, act, reload }: LetterListProps) {
  const { query, setQuery } = useRouter();
  const mayOperate = useMay('operate');
  const filter = filterFrom(query);
  const olderThan = query.get('olderThan') ?? '';
  const key = JSON.stringify([filter, olderThan, turn]);
  const { selected, shown, change, note } = useSelection(key);
  return (
    <section className="panel" aria-labelledby="letters-title">
      <div className="panel-head">
        <h2 id="letters-title" className="panel-title" ref={heading} tabIndex={-1}>
          Letters
        </h2>
        <p className="exports">
          <button type="button" className="button quiet" onClick={reload}>
            Reload
          </button>
          <a href={letterExportPath('csv', filter, olderThan)} download>
            Export CSV
          </a>
          <a href={letterExportPath('ndjson', filter, olderThan)} download>
            Export NDJSON
          </a>
        </p>
      </div>
      <LetterFilterBar query={query} codes={codes} onChange={setQuery} />
      {mayOperate && (
        <LetterActions filter={filter} isByAge={olderThan !== ''} selected={selected} act={act}>
          <SelectAll ids={shown} selected={selected} change={change} />
        </LetterActions>
      )}
      <LetterTable
        filter={filter}
        olderThanSeconds={olderThan}
        rowsPerPage={rowsPerPage}
        turn={turn}
        onPage={({ deadLetters }) => note(deadLetters)}
        {...(mayOperate ? { selection: { ids: new Set(selected.keys()), change } } : {})}
      />
    </section>
  );
}

function filterFrom(query: URLSearchParams): LetterFilter {
  const [code, requestId, invocationId] = ['code', 'request', 'invocation'].map(
    (name) => query.get(name) ?? '',
  );
  return {
    ...(code ? { code } : {}),
    ...(requestId ? { requestId } : {}),
    ...(invocationId ? { invocationId } : {}),
  };
}

/** Chosen letters by id, with their codes; another key forgets them. */
function useSelection(key: string) {
  const [known, setKnown] = useState(new Map<string, string>());
  const [shown, setShown] = useState<readonly string[]>([]);
  const [selected, setSelected] = useState(new Map<string, string>());
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was chosen under another filter is out of sight
  useEffect(() => setSelected(new Map()), [key]);
  const change = (ids: readonly string[], isChosen: boolean) =>
    setSelected((before) => {
      const after = new Map(before);
      for (const id of ids) {
        if (isChosen) after.set(id, known.get(id) ?? '');
        else after.delete(id);
      }
      return after;
    });
  const note = (letters: readonly StoredDeadLetter[]) => {
    setShown(letters.map(({ id }) => id));
    setKnown((before) => new Map([...before, ...letters.map(({ id, error }) => [id, error.code] as const)]));
  };
  return { selected, shown, change, note };
}

interface LetterActionsProps {
  readonly filter: LetterFilter;
  readonly isByAge: boolean;
  readonly selected: ReadonlyMap<string, string>;
  readonly children: ReactNode;
  act(action: LetterAction): void;
}

function LetterActions({ filter, isByAge, selected, children, act }: LetterActionsProps) {
  const isSelection = selected.size > 0;
  const isFiltered = Object.keys(filter).length > 0;
  const which = isSelection
    ? `${countOf(selected.size, 'letter')} selected`
    : isFiltered
      ? 'all letters that fit the filter'
      : 'all letters';
  const open = (kind: LetterAction['kind']) =>
    act({
      kind,
      choice: isSelection ? { ids: [...selected.keys()] } : { filter },
      codes: isSelection ? [...new Set(selected.values())] : filter.code === undefined ? [] : [filter.code],
      what: which,
    });
  // The server chooses by code, request and invocation, not by age: "all that fit" would be more than is shown.
  const isOffered = isSelection || !isByAge;
  return (
    <div className="actions selection-bar">
      {children}
      <span aria-live="polite">
        {isOffered ? `With ${which}:` : 'Select letters; by age they cannot be taken all at once.'}
      </span>
      <button type="button" className="button" disabled={!isOffered} onClick={() => open('redrive')}>
        Redrive…
      </button>
      <button type="button" className="button danger" disabled={!isOffered} onClick={() => open('discard')}>
        Discard…
      </button>
    </div>
  );
}

interface SelectAllProps {
  readonly ids: readonly string[];
  readonly selected: ReadonlyMap<string, string>;
  change(ids: readonly string[], isChosen: boolean): void;
}

/** For narrow screens, where the table has no head with a box for all. */
function SelectAll({ ids, selected, change }: SelectAllProps) {
  if (ids.length === 0) return null;
  return (
    <label className="select-all">
      <input
        type="checkbox"
        checked={ids.every((id) => selected.has(id))}
        onChange={(event) => change(ids, event.target.checked)}
      />
      Select all on this page
    </label>
  );
}
