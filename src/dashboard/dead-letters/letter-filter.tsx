import { type FormEvent, useId, useState } from 'react';
import type { LetterFilter } from '../api/answers.js';
import { queryOf } from './letter-query.js';

export const ages = [
  { seconds: '', label: 'any age' },
  { seconds: '3600', label: 'older than 1 hour' },
  { seconds: '86400', label: 'older than 1 day' },
  { seconds: '604800', label: 'older than 7 days' },
] as const;

interface LetterFilterBarProps {
  readonly filter: LetterFilter;
  /** Of the letters that fit. */
  readonly codes: readonly string[];
  onChange(filter: LetterFilter): void;
}

/** Narrows down everything on the page. */
export function LetterFilterBar({ filter, codes, onChange }: LetterFilterBarProps) {
  const id = useId();
  const current = queryOf(filter);
  const known = useKnown(filter.code === undefined ? codes : [...codes, filter.code]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    onChange(narrowed(filter, { requestId: text('requestId'), invocationId: text('invocationId') }));
  };
  return (
    <form
      className="filter-bar"
      aria-label="Narrow down"
      onSubmit={submit}
      key={`${current.requestId} ${current.invocationId}`}
    >
      <label className="inline-field">
        Code{' '}
        <select
          value={current.code}
          onChange={(event) => onChange(narrowed(filter, { code: event.target.value }))}
        >
          <option value="">all</option>
          {known.map((code) => (
            <option key={code}>{code}</option>
          ))}
        </select>
      </label>
      <label className="inline-field">
        Age{' '}
        <select
          value={current.olderThanSeconds}
          onChange={(event) => onChange(narrowed(filter, { olderThanSeconds: Number(event.target.value) }))}
        >
          {ages.map(({ seconds, label }) => (
            <option key={label} value={seconds}>
              {label}
            </option>
          ))}
          {!ages.some(({ seconds }) => seconds === current.olderThanSeconds) && (
            <option value={current.olderThanSeconds}>older than {current.olderThanSeconds} s</option>
          )}
        </select>
      </label>
      <label className="inline-field" htmlFor={`${id}-request`}>
        Request{' '}
        <input id={`${id}-request`} name="requestId" defaultValue={current.requestId} autoComplete="off" />
      </label>
      <label className="inline-field" htmlFor={`${id}-invocation`}>
        Invocation{' '}
        <input
          id={`${id}-invocation`}
          name="invocationId"
          defaultValue={current.invocationId}
          autoComplete="off"
        />
      </label>
      <button type="submit" className="button">
        Filter
      </button>
      <button type="button" className="button quiet" onClick={() => onChange({})}>
        Clear
      </button>
    </form>
  );
}

/** The filter with changes; what is empty leaves it. */
function narrowed(filter: LetterFilter, changes: LetterFilter): LetterFilter {
  return Object.fromEntries(Object.entries({ ...filter, ...changes }).filter(([, value]) => value));
}

/** Every code that was ever there: with one chosen, the others would be gone from the choice. */
function useKnown(codes: readonly string[]): readonly string[] {
  const [known, setKnown] = useState<readonly string[]>([]);
  const fresh = codes.filter((code) => !known.includes(code));
  if (fresh.length > 0) setKnown([...known, ...fresh]);
  return known;
}
