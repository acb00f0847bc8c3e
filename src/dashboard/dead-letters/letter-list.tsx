import { type ReactNode, type RefObject, useEffect, useState } from 'react';
import type { LetterFilter, StoredDeadLetter } from '../api/answers.js';
import { letterExportPath } from '../api/endpoints.js';
import { countOf } from '../format/format-count.js';
import { useMay } from '../session/session-provider.js';
import type { LetterAction } from './letter-action-dialog.js';
import { isFiltered } from './letter-query.js';
import { LetterTable } from './letter-table.js';

const rowsPerPage = 50;

interface LetterListProps {
  /** Gets the focus when somebody asks for the letters of a group. */
  readonly heading: RefObject<HTMLHeadingElement | null>;
  readonly filter: LetterFilter;
  readonly turn: number;
  act(action: LetterAction): void;
  /** Loads what has come since. */
  reload(): void;
}

/** Single letters: select, decide, take away as a file. */
export function LetterList({ heading, filter, turn, act, reload }: LetterListProps) {
  const mayOperate = useMay('operate');
  const key = JSON.stringify([filter, turn]);
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
          <a href={letterExportPath('csv', filter)} download>
            Export CSV
          </a>
          <a href={letterExportPath('ndjson', filter)} download>
            Export NDJSON
          </a>
        </p>
      </div>
      {mayOperate && (
        <LetterActions filter={filter} selected={selected} act={act}>
          <SelectAll ids={shown} selected={selected} change={change} />
        </LetterActions>
      )}
      <LetterTable
        filter={filter}
        rowsPerPage={rowsPerPage}
        turn={turn}
        onPage={({ deadLetters }) => note(deadLetters)}
        {...(mayOperate ? { selection: { ids: new Set(selected.keys()), change } } : {})}
      />
    </section>
  );
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
  readonly selected: ReadonlyMap<string, string>;
  readonly children: ReactNode;
  act(action: LetterAction): void;
}

function LetterActions({ filter, selected, children, act }: LetterActionsProps) {
  const isSelection = selected.size > 0;
  const which = isSelection
    ? `${countOf(selected.size, 'letter')} selected`
    : isFiltered(filter)
      ? 'all letters that fit the filter'
      : 'all letters';
  const open = (kind: LetterAction['kind']) =>
    act({
      kind,
      choice: isSelection ? { ids: [...selected.keys()] } : { filter },
      codes: isSelection ? [...new Set(selected.values())] : filter.code === undefined ? [] : [filter.code],
      what: which,
    });
  return (
    <div className="actions selection-bar">
      {children}
      <span aria-live="polite">With {which}:</span>
      <button type="button" className="button" onClick={() => open('redrive')}>
        Redrive…
      </button>
      <button type="button" className="button danger" onClick={() => open('discard')}>
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
